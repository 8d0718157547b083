# SPDX-License-Identifier: Apache-2.0
"""make_scipy: sparse matrices, splines, trees, filters, every distribution."""

import recorder


def things():
    import numpy as np
    from scipy import interpolate, optimize, signal, sparse, spatial, stats
    dense = np.eye(4) + np.diag([1.0, 2, 3], 1)
    for kind in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        yield "sparse-" + kind, getattr(sparse, kind + "_matrix")(dense)
        if hasattr(sparse, kind + "_array"):
            yield "sparse-array-" + kind, getattr(sparse, kind + "_array")(dense)
    x = np.linspace(0, 1, 8)
    y = x ** 2
    yield "splines", [
        interpolate.CubicSpline(x, y), interpolate.PchipInterpolator(x, y),
        interpolate.Akima1DInterpolator(x, y), interpolate.make_interp_spline(x, y),
        interpolate.BarycentricInterpolator(x, y), interpolate.KroghInterpolator(x, y),
        interpolate.PPoly(np.ones((2, 7)), x), interpolate.BPoly(np.ones((2, 7)), x)]
    yield "splines-fitpack", [interpolate.UnivariateSpline(x, y),
                              interpolate.InterpolatedUnivariateSpline(x, y)]
    yield "interp1d", interpolate.interp1d(x, y)
    yield "interp-grid", interpolate.RegularGridInterpolator((x, x), np.outer(x, x))
    yield "interp-rbf", interpolate.RBFInterpolator(np.outer(x, [1, 2]) ** 2 +
                                                    np.eye(8, 2), y)
    yield "interp-rbf-old", interpolate.Rbf(x, y)
    yield "interp-nearest", interpolate.NearestNDInterpolator(np.outer(x, [1, 2]), y)
    points = np.random.RandomState(0).rand(9, 2)
    yield "interp-linear", interpolate.LinearNDInterpolator(points, points[:, 0])
    yield "trees", [spatial.KDTree(points), spatial.cKDTree(points)]
    yield "rotation", spatial.transform.Rotation.from_quat([[0, 0, 0, 1], [0, 0, 1, 0]])
    yield "optimum", optimize.minimize(lambda v: float(v @ v), [1.0, 2.0])
    yield "optimum-root", optimize.root(lambda v: v, [1.0])
    yield "bounds", optimize.Bounds([0], [1])
    yield "constraint", optimize.LinearConstraint(np.eye(2), 0, 1)
    yield "filters", [signal.lti([1], [1, 2]), signal.dlti([1], [1, 2])]
    yield "statistics", [stats.gaussian_kde(x), stats.describe(x), stats.linregress(x, y),
                         stats.ttest_ind(x, y), stats.pearsonr(x, y)]
    yield "histogram", stats.rv_histogram(np.histogram(x))
    for name, shapes in stats._distr_params.distcont + stats._distr_params.distdiscrete:
        if isinstance(name, str):
            yield "distribution-" + name, getattr(stats, name)(*shapes)
            yield "distribution-bare-" + name, getattr(stats, name)
    yield "distributions-many", [
        stats.multivariate_normal([0, 1]), stats.dirichlet([1, 2]), stats.wishart(3, np.eye(2)),
        stats.multinomial(3, [.5, .5]), stats.ortho_group(3)]


def make(out):
    from scipy import sparse
    for name, thing in things():
        out.pickled(name, thing, (2, 4) if "distribution" in name
                    else recorder.PROTOCOLS)
    for kind in ("csr", "csc", "coo", "dia", "bsr"):
        out.made(f"saved-{kind}.npz",
                 lambda path: sparse.save_npz(path, sparse.eye(3, format=kind)),
                 sparse.load_npz)


if __name__ == "__main__":
    recorder.run(make, "numpy", "scipy")
