#!/bin/sh
# Compares the bytes that Spot Serve, nginx and caddy send for a Vite build, a Sphinx site and a source tree, and
# how long a line of 40 Mbit/s with 20 ms takes for them. Prints tables.
#
# Usage: bytes.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/../.."
tools=$PWD/target/bench-tools
folders=$(mktemp -d)
trap 'rm -rf "$folders"' EXIT

for program in nginx caddy zstd; do
    command -v "$program" >/dev/null ||
        apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$program"
done
if [ ! -x "$tools/vite/node_modules/.bin/vite" ]; then
    mkdir -p "$tools/vite"
    npm install --prefix "$tools/vite" --ignore-scripts --no-audit --no-fund --loglevel error \
        vite@6.3.5 react@19.1.0 react-dom@19.1.0 react-router@7.6.2 lodash-es@4.17.21 chart.js@4.4.9
fi
if [ ! -d "$tools/sphinx/sphinx" ]; then
    python3 -m pip install --quiet --target "$tools/sphinx" 'sphinx==8.1.3' 'furo==2024.8.6'
fi

# A page with what pages are made of.
mkdir -p "$tools/vite/src"
cat >"$tools/vite/index.html" <<'HTML'
<!doctype html><meta charset="utf-8"><title>App</title><div id="root"></div><script type="module" src="/src/main.js"></script>
HTML
cat >"$tools/vite/src/main.js" <<'JS'
import './style.css';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';
import _ from 'lodash-es';
const Chart = () => import('chart.js/auto');
const routes = createBrowserRouter([{ path: '*', Component: () => createElement('p', { onClick: Chart }, _.startCase('an app')) }]);
createRoot(document.getElementById('root')).render(createElement(RouterProvider, { router: routes }));
JS
cp src/server/page/web/list/list.css "$tools/vite/src/style.css"
(cd "$tools/vite" && node_modules/.bin/vite build --logLevel error --outDir "$folders/vite")

# A reference of a part of Sphinx itself.
PYTHONPATH=$tools/sphinx
export PYTHONPATH
python3 -m sphinx.ext.apidoc -q -F -H Reference -o "$folders/docs" "$tools/sphinx/sphinx/builders" >/dev/null
python3 -m sphinx -Q -b html -D html_theme=furo "$folders/docs" "$folders/sphinx"
rm -rf "$folders/sphinx/.doctrees"

mkdir "$folders/source"
git archive HEAD src | tar -x -C "$folders/source"

cargo build --release --locked
export BENCH_TOOLS="$tools" BENCH_FOLDERS="$folders" SPOT_SERVE="$PWD/target/release/spot-serve"
tests/in-netns.sh node benches/page/bytes.mjs "$@"
