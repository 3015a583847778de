#!/bin/sh
# How hello.rnnviz was made: the run that the first start shows. `make start-state` runs this.
# 40 steps are enough to spell "hello" and few enough that the gradient still vanishes (see docs/architecture.md).
set -eu
rnnviz=${1:-rnnviz}
"$rnnviz" train --task next-char --cell elman --hidden 8 --steps 40 --seed 14 --text hello \
    --out "$(dirname "$0")/hello.rnnviz"
