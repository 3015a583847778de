#!/bin/sh
# The pictures of README.md, rendered by the program itself. `make pictures` runs this.
set -eu
rnnviz=${1:-rnnviz}
here=$(dirname "$0")
text="hello world, hello"

# Without --cell (first start, presenter) the network is that of the first start: Elman, 8 units, trained 40 steps.
"$rnnviz" snapshot --simple --theme light --size 1280x720 --out "$here/first.png"
"$rnnviz" snapshot --full --cell lstm --hidden 16 --train 64 --text "$text" --step 13 --unit 2 --theme light --out "$here/light.png"
"$rnnviz" snapshot --full --cell lstm --hidden 16 --train 64 --text "$text" --step 6 --unit 2 --backward --theme dark --out "$here/backward-dark.png"
"$rnnviz" snapshot --presenter --text "$text" --step 6 --backward --theme light --size 1920x1080 \
    --out "$here/presenter.png"
"$rnnviz" snapshot --full --text "$text" --cell lstm --hidden 16 --train 64 --step 13 --unit 2 --zoom inside --theme light \
    --out "$here/inside.png"
"$rnnviz" snapshot --full --text "$text" --cell elman --hidden 16 --train 60 --step 5 --backward --compare elman,lstm,gru --theme light \
    --out "$here/compare.png"
"$rnnviz" snapshot --full --text "$text" --cell elman --hidden 16 --train 60 --step 6 --unit 2 --backward --panel movie --theme light \
    --out "$here/laboratory.png"
"$rnnviz" snapshot --full --task translation --train 600 --step 10 --theme light --out "$here/translation.png"
"$rnnviz" snapshot --full --task series --train 1000 --step 20 --panel forecast --theme dark --out "$here/series.png"
