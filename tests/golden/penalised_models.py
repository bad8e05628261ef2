"""Prints penalised_models.json: what scikit-learn says of penalised logistic models on the shared splits, all sites together.

    python3 tests/golden/penalised_models.py ../shared/data/split > tests/golden/penalised_models.json

scikit-learn minimises C times the sum of log losses + (1 - l1_ratio) / 2 sum b^2 + l1_ratio sum |b|, without the intercept.
"""

import csv
import json
import pathlib
import sys

import sklearn
from sklearn.linear_model import LogisticRegression

FOLDER = pathlib.Path(sys.argv[1])
PIMA = {"npreg": 1, "glu": 40, "bp": 12, "skin": 10, "bmi": 8, "ped": 0.5, "age": 12}  # what a column is divided by


def pima():
    rows = []
    for site in sorted(FOLDER.glob("site*")):
        for half in ("pima_tr", "pima_te"):
            with open(site / f"{half}.csv", newline="") as file:
                rows += csv.DictReader(file)
    return [[float(row[name]) / by for name, by in PIMA.items()] for row in rows], [row["type"] == "Yes" for row in rows]


def fitted(x, y, lasso, penalty):
    both = lasso + penalty
    solver = {"solver": "saga", "max_iter": 1_000_000} if lasso else {"solver": "newton-cholesky", "max_iter": 100}
    call = {"C": 1 / both, "l1_ratio": lasso / both, "tol": 1e-13, "random_state": 0, **solver}
    model = LogisticRegression(**call).fit(x, y)
    return {"call": f"LogisticRegression({', '.join(f'{k}={v!r}' for k, v in call.items())})", "sklearn": sklearn.__version__,
            "lasso": lasso, "penalty": penalty, "coef": [model.intercept_[0], *model.coef_[0]]}


records = pima()
print(json.dumps({f"pima_{lasso}_{penalty}": fitted(*records, lasso, penalty)
                  for lasso, penalty in ((0, 2), (0, 50), (3, 0), (12, 0), (40, 0), (6, 4))}, indent=1))
