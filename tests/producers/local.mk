# What real libraries write; each that is not there is skipped.
TESTS += tests/producers/producers.py
EXTRA_DIST += \
	tests/producers/producers.py \
	tests/producers/recorder.py \
	tests/producers/make_joblib.py \
	tests/producers/make_numpy.py \
	tests/producers/make_onnx.py \
	tests/producers/make_pandas.py \
	tests/producers/make_r.py \
	tests/producers/make_scipy.py \
	tests/producers/make_sklearn.py \
	tests/producers/make_sympy.py \
	tests/producers/make_torch.py \
	tests/producers/make_xgboost.py
