"""No value, no patient and nothing else that was received is in a log or a metric."""

import json
import re
from typing import Any


def test_canaries_are_in_no_log_and_metrics_are_those_of_all_workers(
    service: Any, panel: str
) -> None:
    with service.running(2) as running:

        def status(content: str) -> int:
            return int(running.ask("POST", "/v1/predictions", content)[0])

        for number in range(50):
            assert status(panel.replace('"P-1"', f'"CANARY-{number}"')) == 201
            assert status(panel.replace('"P-1"', f'"CANARY {number}"')) == 422
            assert status(f'{{"CANARY": CANARY-{number}}}') == 400
        text = running.ask("GET", "/metrics")[1].decode()
    counted = re.findall(r'csf_requests_total\{(?=.*POST).*status="(\d+)"\} (\S+)', text)
    assert sorted(counted) == [("201", "50.0"), ("400", "50.0"), ("422", "50.0")]
    log = service.log.read_text()
    assert len([line for line in log.splitlines() if json.loads(line)["event"] == "request"]) > 150
    assert "CANARY" not in log + text
