"""Whether Spark can run here; a test that needs it is skipped where it cannot, unless it is required."""

import os

import pytest

from wastetrack.errors import Unavailable
from wastetrack.extracts.reading import need_spark

SMALL = (
    "spark.sql.shuffle.partitions=1",
    "spark.sql.codegen.wholeStage=false",
    "spark.sql.codegen.factoryMode=NO_CODEGEN",
    "spark.sql.autoBroadcastJoinThreshold=50m",
)
"""Of so few rows, compiling each question would take longer than to answer it."""


def spark_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Spark ready for little data, or skip the test; fail it where WASTETRACK_REQUIRE_SPARK is set."""
    try:
        need_spark()
    except Unavailable as error:
        if os.environ.get("WASTETRACK_REQUIRE_SPARK"):
            pytest.fail(str(error))
        pytest.skip(f"{error} (pip install 'wastetrack[spark]', apt-get install openjdk-17-jre-headless)")
    asked = " ".join(f"--conf {setting}" for setting in SMALL)
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{asked} pyspark-shell")
