#!/usr/bin/env bash
# Build the optional packages of optional.txt into the environment whose pip is given.
#     binder/install_optional.sh .venv/bin/pip
# Never fails: what cannot be built is skipped with one line that says why and what is missing without it.
set -u
pip=${1:-pip}
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v "${CXX:-c++}" >/dev/null 2>&1; then
    echo "optional: no C++ compiler, so icet and pypolymlp are left out (the lattice chapter and polynomial potentials need them)"
    exit 0
fi

# pypolymlp looks for Eigen's CMake files: Debian's libeigen3-dev has them, and cmeel-eigen without root.
if ! [ -e /usr/share/eigen3/cmake/Eigen3Config.cmake ] && "$pip" install --quiet cmeel-eigen==3.4.1; then
    site=$("$pip" show cmeel-eigen | sed -n 's/^Location: //p')
    export CMAKE_PREFIX_PATH="$site/cmeel.prefix${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
fi

log=$(mktemp)
grep -v '^#' "$here/optional.txt" | while read -r package; do
    [ -n "$package" ] || continue
    if "$pip" install --quiet -c "$here/pinned.txt" "$package" >"$log" 2>&1; then
        echo "optional: $package installed"
    else
        echo "optional: $package could not be built and is left out ($(grep -m1 -iE 'error' "$log" | cut -c1-140))"
    fi
done
rm -f "$log"
