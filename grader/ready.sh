#!/bin/sh
# Compiles the grader, or the package that is named, where that is due. Says what is waited for: cargo, kept quiet, does not.
package=${1:-grader}

if ! test -x "${CARGO_TARGET_DIR:-target}/debug/$package"; then
    sh grader/needs.sh || exit 4
    echo "The program \`$package\` is compiled first. This is done once." >&2
    cargo build --package "$package" || exit 4
    exit
fi

cargo build --package "$package" 2>&1 | {
    told= said= finished=
    while IFS= read -r line; do
        case $line in
            *' Blocking '*)
                echo 'Another cargo is at work in this folder, perhaps in an editor. Waiting until it has finished.' >&2
                ;;
            *' Compiling '*)
                test "$told" || echo "The program \`$package\` has changed, and is compiled anew." >&2
                told=yes
                ;;
            *' Finished '*) finished=yes ;;
        esac
        said="$said$line
"
    done
    test "$finished" || { printf '%s' "$said" >&2; exit 4; }
}
