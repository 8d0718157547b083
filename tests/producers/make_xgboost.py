# SPDX-License-Identifier: Apache-2.0
"""make_xgboost: each estimator and booster, pickled and in its own formats."""

import recorder


def models():
    import numpy as np
    import xgboost
    xgboost.set_config(verbosity=0)
    x = np.random.RandomState(0).rand(20, 3)
    y = np.arange(20) % 2
    for name in ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor"):
        for booster in ("gbtree", "gblinear", "dart"):
            model = getattr(xgboost, name)(n_estimators=2, n_jobs=1, booster=booster)
            try:
                yield f"{name}-{booster}", model.fit(x, y)
            except Exception:  # no forest of linear models
                yield f"{name}-{booster}-unfitted", model
    yield "XGBRanker", xgboost.XGBRanker(n_estimators=2, n_jobs=1).fit(
        x, y, group=[10, 10])
    yield "stopped", xgboost.XGBClassifier(
        n_estimators=4, n_jobs=1, early_stopping_rounds=1).fit(
            x, y, eval_set=[(x, y)], verbose=False)
    yield "booster", xgboost.train({"nthread": 1}, xgboost.DMatrix(x, y), 2)


def make(out):
    import joblib
    for name, model in models():
        out.pickled(name, model)
        out.made(name + ".joblib", lambda path: joblib.dump(model, path), joblib.load)
        for suffix in ("json", "ubj", "model"):
            if "unfitted" not in name:
                out.made(f"{name}.{suffix}", lambda path: model.save_model(path), None)


if __name__ == "__main__":
    recorder.run(make, "numpy", "joblib", "xgboost", "sklearn")
