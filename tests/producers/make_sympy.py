# SPDX-License-Identifier: Apache-2.0
"""make_sympy: expressions of a few and of hundreds of terms."""

import recorder


def things():
    import sympy
    x = sympy.symbols("x0:300")
    yield "few", [x[0] ** 2 + 1, sympy.Rational(1, 3), sympy.Float("1.5"),
                  sympy.Eq(x[0], x[1]), sympy.Integral(x[0], x[0]),
                  sympy.Lambda(x[0], x[0] + 1), sympy.Interval(0, 1)]
    yield "sum", sum(x)
    yield "product", sympy.prod(x)
    yield "expanded", sympy.expand((sum(x[:5]) + 1) ** 8)
    yield "polynomial", sympy.Poly(
        sum(x[i] ** i for i in range(100)), *x[:100])
    yield "matrix", sympy.Matrix(20, 20, lambda i, j: x[i * j % 300])
    yield "matrix-immutable", sympy.ImmutableMatrix(20, 20, lambda i, j: i * j)
    yield "matrix-sparse", sympy.SparseMatrix(
        100, 100, {(i, i): i for i in range(100)})
    yield "set", sympy.FiniteSet(*x)
    yield "tuple", sympy.Tuple(*x)
    yield "dictionary", sympy.Dict({each: 1 for each in x})
    yield "piecewise", sympy.Piecewise(*[(e, e > i) for i, e in enumerate(x)])
    yield "series", sympy.series(sympy.sin(x[0]), x[0], 0, 50)
    yield "logic", sympy.And(*x)
    yield "array", sympy.Array(range(100))


def make(out):
    for name, thing in things():
        out.pickled(name, thing, (2, 4))


if __name__ == "__main__":
    recorder.run(make, "sympy")
