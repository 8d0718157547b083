# SPDX-License-Identifier: Apache-2.0
"""make_pandas: frames, series and indexes of every dtype, each compressor."""

import recorder


def columns():
    """(name, values)"""
    import numpy as np
    import pandas as pd
    days = pd.date_range("2020-01-01", periods=3)
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                  "uint64", "float32", "float64", "complex128", "bool", "Int8", "Int16",
                  "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32",
                  "Float64", "boolean", "string", "object", "category", "str"):
        yield dtype, pd.Series([1, 0, 1]).astype(dtype)
    yield "string-pyarrow-free", pd.Series(["a", None, "c"], dtype="string")
    yield "objects", pd.Series([1, "a", None])
    yield "days", pd.Series(days)
    yield "days-zoned", pd.Series(days.tz_localize("Europe/Paris"))
    yield "days-utc", pd.Series(days.tz_localize("UTC"))
    yield "spans", pd.Series(days - days[0])
    yield "periods", pd.Series(days.to_period("D"))
    yield "intervals", pd.Series(pd.interval_range(0, 3))
    yield "ordered", pd.Series(pd.Categorical(list("abc"), ordered=True))
    yield "sparse", pd.Series(pd.arrays.SparseArray([0, 0, 1.0]))
    yield "sparse-blocks", pd.Series(pd.arrays.SparseArray([0, 1, 1], kind="block"))


def indexes():
    import pandas as pd
    yield "range", pd.RangeIndex(4)
    yield "integers", pd.Index([3, 1])
    yield "floats", pd.Index([3.5, 1])
    yield "words", pd.Index(["a", "b"], name="n")
    yield "categories", pd.CategoricalIndex(["a", "b", "a"])
    yield "intervals", pd.interval_range(0, 3)
    yield "pairs", pd.MultiIndex.from_product([[1, 2], ["x", "y"]], names=["a", "b"])
    for unit in ("D", "H", "T", "B", "M", "MS", "Q", "QS-FEB", "A", "W", "W-WED", "BM",
                 "SM", "2D", "BQ", "BH", "L"):
        yield "every-" + unit, pd.date_range("2020-01-01", periods=3, freq=unit)
    yield "zoned", pd.date_range("2020-01-01", periods=3, tz="America/New_York")
    yield "offset-zoned", pd.DatetimeIndex(["2020-01-01T00:00:00+02:00"])
    yield "spans", pd.timedelta_range("1s", periods=3)
    yield "periods", pd.period_range("2020-01", periods=3, freq="M")


def things():
    import numpy as np
    import pandas as pd
    yield "scalars", [pd.Timestamp("2020"), pd.Timestamp("2020", tz="UTC"), pd.NaT, pd.NA,
                      pd.Timedelta(3), pd.Period("2020-01"), pd.Interval(1, 2)]
    yield "offsets", [pd.offsets.BDay(2), pd.offsets.MonthEnd(), pd.DateOffset(months=1),
                      pd.offsets.Week(weekday=2), pd.offsets.Hour(3)]
    yield "dtypes", [pd.CategoricalDtype(["a"]), pd.Int64Dtype(), pd.StringDtype(),
                     pd.DatetimeTZDtype(tz="UTC"), pd.PeriodDtype("D"), pd.BooleanDtype(),
                     pd.IntervalDtype("int64"), pd.SparseDtype(float), pd.Float32Dtype()]
    frame = pd.DataFrame(dict(columns()))
    yield "frame", frame
    yield "frame-slice", frame.iloc[1:, ::2]
    yield "frame-empty", pd.DataFrame()
    yield "frame-pairs", pd.DataFrame(np.eye(4), index=dict(indexes())["pairs"])
    yield "frame-attributes", pd.DataFrame({"a": [1]}).set_flags(
        allows_duplicate_labels=False)
    yield "frames", {"train": frame, "x": [frame["int8"], frame.index]}


def make(out):
    import pandas as pd
    for kind, source in ("column", columns), ("index", indexes), ("thing", things):
        for name, thing in source():
            out.pickled(f"{kind}-{name}", thing)
    frame = dict(things())["frame"]
    for way in (None, "zip", "gzip", "bz2", "zstd", "xz", "tar"):
        out.made(f"frame-{way}.pkl", lambda path: frame.to_pickle(path, compression=way),
                 lambda path: pd.read_pickle(path, compression=way))


if __name__ == "__main__":
    recorder.run(make, "numpy", "pandas")
