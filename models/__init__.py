"""What a fitted classifier is and where it lives: features, scoring, bundles, the registry.

Nothing is fitted here; scikit-learn is never imported, XGBoost only when a bundle needs it.
"""
