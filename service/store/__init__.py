"""Everything the service remembers: predictions, outcomes, replies, keys, the audit.

Knows no HTTP and no classifier. What is written goes one way: a submission waits for a group
(`group_commit`), the group becomes rows and audit events of one transaction (`recording`,
`audit_chain`), and the transaction is on disk before anybody is answered (`store`).
"""
