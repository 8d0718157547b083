# SPDX-License-Identifier: Apache-2.0
"""make_sklearn: every estimator, fitted on next to nothing, and its parts."""

import recorder

PROTOCOLS = (0, 2, 4, 5)


def data_sets():
    """(X, y) until one fits."""
    import numpy as np
    random = np.random.RandomState(0)
    x = np.abs(random.rand(40, 4)) + 0.1
    classes = np.arange(40) % 2
    texts = ["some words of text", "other words", "text again"] * 13 + ["end"]
    yield x, classes
    yield x, x[:, 0] * 3
    yield x, np.stack([classes, 1 - classes], 1)
    yield x, x[:, :2]
    yield x[:, 0], classes  # one dimension
    yield x[:, :1], classes * 1.0
    yield texts, classes
    yield [{"a": 1, "b": "x"}] * 40, classes
    yield [[b"1", "a"], ["b", "c"]], None
    yield classes, None
    yield [["a", "b"], ["c"]], None
    yield np.eye(40), classes  # distances


def instances():
    """(name, estimator that is not fitted)"""
    from sklearn.utils import all_estimators
    from sklearn.utils import estimator_checks
    for name, kind in all_estimators():
        try:
            yield name, estimator_checks._construct_instance(kind)
        except Exception:
            from sklearn.linear_model import LogisticRegression
            from sklearn.tree import DecisionTreeClassifier
            yield name, by_hand(name, kind, LogisticRegression(), DecisionTreeClassifier())


def by_hand(name, kind, linear, tree):
    if name == "ColumnTransformer":
        from sklearn.preprocessing import StandardScaler
        return kind([("scale", StandardScaler(), [0, 1]), ("rest", "passthrough", [2])])
    if name in ("FeatureUnion",):
        from sklearn.decomposition import PCA
        return kind([("p", PCA(2))])
    if name == "Pipeline":
        from sklearn.preprocessing import StandardScaler
        return kind([("s", StandardScaler()), ("m", linear)])
    if name.endswith("SearchCV"):
        return kind(tree, {"max_depth": [1, 2]}, cv=2)
    if name.startswith(("Voting", "Stacking")) and name.endswith("Regressor"):
        from sklearn.linear_model import Ridge
        return kind([("a", Ridge()), ("b", Ridge(2))])
    if name.startswith(("Voting", "Stacking")):
        return kind([("a", linear), ("b", tree)])
    if name == "SparseCoder":
        import numpy as np
        return kind(np.eye(4))
    if "Chain" in name or "Output" in name:
        return kind(linear)
    return kind(linear)


def fitted(estimator):
    """Whether one of the data sets fitted it."""
    if "RandomProjection" in type(estimator).__name__:
        estimator.set_params(n_components=2)
    for data in data_sets():
        for arguments in data, data[1:]:
            try:
                estimator.fit(*arguments)
                return True
            except Exception:
                continue
    return False


def more():
    """(name, function that makes it)"""
    import numpy as np
    from scipy import stats
    from sklearn import (calibration, compose, datasets, ensemble, feature_extraction,
                         feature_selection, gaussian_process, linear_model, metrics,
                         model_selection, neighbors, neural_network, pipeline,
                         preprocessing, svm, tree)
    x, y = next(data_sets())
    kernels = gaussian_process.kernels
    for name in ("RBF", "Matern", "RationalQuadratic", "ExpSineSquared", "DotProduct",
                 "WhiteKernel", "ConstantKernel"):
        kernel = getattr(kernels, name)()
        yield "kernel-" + name, lambda: gaussian_process.GaussianProcessRegressor(
            kernel + kernels.ConstantKernel() * kernel ** 2, alpha=1).fit(x[:6], y[:6])
    for loss in ("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron",
                 "squared_error", "huber", "epsilon_insensitive",
                 "squared_epsilon_insensitive"):
        yield "sgd-" + loss, lambda: linear_model.SGDClassifier(loss=loss).fit(x, y)
    for loss in ("squared_error", "absolute_error", "poisson", "quantile"):
        yield "boosting-" + loss, lambda: ensemble.HistGradientBoostingRegressor(
            loss=loss, quantile=.5, max_iter=2).fit(x, y + 1)
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        yield "gradient-" + loss, lambda: ensemble.GradientBoostingRegressor(
            loss=loss, n_estimators=2, init="zero").fit(x, y)
    for loss in ("log_loss", "exponential"):
        yield "gradient-class-" + loss, lambda: ensemble.GradientBoostingClassifier(
            loss=loss, n_estimators=2).fit(x, y)
    for solver in ("adam", "sgd", "lbfgs"):
        yield "mlp-" + solver, lambda: neural_network.MLPClassifier(
            solver=solver, max_iter=3, early_stopping=solver != "lbfgs").fit(x, y)
    for algorithm in ("ball_tree", "kd_tree", "brute"):
        yield "neighbours-" + algorithm, lambda: neighbors.KNeighborsClassifier(
            algorithm=algorithm).fit(x, y)
    for metric in ("euclidean", "manhattan", "chebyshev", "minkowski", "seuclidean",
                   "mahalanobis", "hamming", "canberra", "braycurtis", "jaccard", "dice",
                   "rogerstanimoto", "russellrao", "sokalmichener", "sokalsneath",
                   "haversine"):
        options = {"seuclidean": {"V": np.ones(2)}, "minkowski": {"p": 3},
                   "mahalanobis": {"V": np.eye(2)}}.get(metric, {})
        yield "ball-" + metric, lambda: neighbors.BallTree(x[:, :2], metric=metric, **options)
        yield "metric-" + metric, lambda: metrics.DistanceMetric.get_metric(metric, **options)
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        yield "svm-" + kernel, lambda: svm.SVC(kernel=kernel, probability=True).fit(x, y)
    for kind in (ensemble.RandomForestClassifier, ensemble.ExtraTreesRegressor,
                 ensemble.BaggingClassifier, ensemble.AdaBoostClassifier):
        yield "forest-" + kind.__name__, lambda: kind(n_estimators=3, random_state=1).fit(x, y)
    for criterion in ("gini", "entropy", "log_loss"):
        yield "tree-" + criterion, lambda: tree.DecisionTreeClassifier(criterion=criterion).fit(x, y)
    from sklearn.tree import _criterion
    yield "tree-parts", lambda: [_criterion.Gini(1, np.array([2])), _criterion.MSE(1, 3)]
    for function in (np.log1p, np.sqrt, np.abs, None):
        yield f"function-{getattr(function, '__name__', None)}", lambda: \
            preprocessing.FunctionTransformer(function).fit(x)
    yield "text", lambda: pipeline.make_pipeline(
        feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2), stop_words="english"),
        linear_model.LogisticRegression()).fit(["a word here", "the other"] * 3, [0, 1] * 3)
    yield "columns", lambda: compose.make_column_transformer(
        (preprocessing.OneHotEncoder(), [0]), (preprocessing.MinMaxScaler(), slice(1, 3)),
        (preprocessing.KBinsDiscretizer(2), compose.make_column_selector("x") and [3])).fit(x)
    for score in (feature_selection.f_classif, feature_selection.chi2,
                  feature_selection.mutual_info_classif, feature_selection.f_regression):
        yield "select-" + score.__name__, lambda: feature_selection.SelectKBest(score, k=2).fit(x, y)
    yield "grid", lambda: model_selection.GridSearchCV(
        svm.SVC(), {"C": [1, 2]}, cv=2, scoring={"a": "accuracy", "b": "roc_auc_ovr"},
        refit="a").fit(x, y)
    yield "scorers", lambda: [metrics.get_scorer(s) for s in metrics.get_scorer_names()] + [
        metrics.make_scorer(metrics.fbeta_score, beta=2)]
    yield "splits", lambda: [getattr(model_selection, s)() for s in (
        "KFold", "StratifiedKFold", "ShuffleSplit", "StratifiedShuffleSplit", "GroupKFold",
        "RepeatedKFold", "TimeSeriesSplit", "LeaveOneOut", "RepeatedStratifiedKFold")]
    yield "calibrated", lambda: calibration.CalibratedClassifierCV(
        tree.DecisionTreeClassifier(), method="isotonic", cv=2).fit(x, y)
    yield "bunch", lambda: datasets.load_iris()
    yield "distributions", lambda: model_selection.RandomizedSearchCV(
        svm.SVC(), {"C": stats.uniform(1, 2)}, n_iter=2,
        cv=2).fit(x, y)


def make(out):
    from joblib import dump, load
    for name, estimator in instances():
        note = "" if fitted(estimator) else "-unfitted"
        if note:
            print("not fitted:", name)
        out.pickled(name + note, estimator, PROTOCOLS)
        out.made(name + note + ".joblib", lambda path: dump(estimator, path), load)
    for name, build in more():
        try:
            thing = build()
        except Exception as refusal:
            out.refuse("more-" + name, refusal)
            continue
        out.pickled("more-" + name, thing, PROTOCOLS)
        out.made(f"more-{name}.joblib", lambda path: dump(thing, path), load)


if __name__ == "__main__":
    recorder.run(make, "numpy", "scipy", "joblib", "sklearn")
