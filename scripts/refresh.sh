#!/usr/bin/env bash
# Brings board and site up to date; opens the site, or deploys it to Cloudflare Pages.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: scripts/refresh.sh [OPTION]...

Reads .env, runs the whole pipeline, and opens or deploys the site. A fresh clone is set up first.

  --open                 open the site in the browser
  --publish              deploy the site to Cloudflare Pages with wrangler, or else npx wrangler; the
                         publishable edition, unless --edition says otherwise
  --dry-run              with --publish: show the command instead of running it
  --force                with --publish: deploy also what the checks refuse, or what is not new
  --published PATH|URL   the published site, to continue its history and to compare with
                         [IPBR_SITE_URL, else what was deployed last from here, else
                         https://PROJECT.pages.dev; where that answers 404 it is --first]
  --first                with --publish: there is no published site yet
  --max-stale N          with --publish: at most N sources may be stale or failed [5]
  --edition NAME         full or publishable [full; with --publish: publishable]
  --offline              use the cache only
  --only A,B             fetch only these sources; the rest comes from the cache, and a board that
                         lacks some of it is an experiment, which is not published
  --history PATH|URL     the history to continue [with --publish: that of the published site]
  --out DIR, --cache DIR, --database FILE, --now TIME, --prev PATH, --keep-raw N,
  --log-format FORMAT, --quiet, --verbose     as for ipbr-rank
  --help                 show this

From the environment or .env: CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN,
CLOUDFLARE_PAGES_PROJECT [ipbr], IPBR_SITE_URL, IPBR_CONSENTS, and the keys of the sources.
Exit codes are those of ipbr-rank: 1 failed or refused, 2 wrong usage, 3 an invariant failed. It is
0 also where the published board says the same and is under six hours old: nothing is deployed then.
TEXT
}

fail() {
    local code=$1
    shift
    echo "refresh.sh: $*" >&2
    exit "$code"
}

given=("$@")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

is_opening='' is_publishing='' is_dry='' is_first='' published='' history='' edition='' out="${IPBR_OUT:-$root/out}"
options=() guard=()
while (($#)); do
    case $1 in
        --open) is_opening=1 ;;
        --publish) is_publishing=1 ;;
        --dry-run) is_dry=1 ;;
        --force) guard+=(--force) ;;
        --first) is_first=1 ;;
        --offline | --quiet | --verbose) options+=("$1") ;;
        --help)
            usage
            exit 0
            ;;
        --published | --max-stale | --edition | --only | --out | --cache | --database | --now | --prev | --history | --keep-raw | --log-format)
            (($# > 1)) || fail 2 "$1 needs a value; --help shows how"
            case $1 in
                --published) published=$2 ;;
                --max-stale) guard+=(--max-stale "$2") ;;
                --database)
                    options+=(--database "$2")
                    guard+=(--database "$2")
                    ;;
                --edition) edition=$2 ;;
                --history) history=$2 ;;
                --out) out=$2 ;;
                --only) options+=("$1" "$2" --rest-from-cache) ;;
                *) options+=("$1" "$2") ;;
            esac
            shift
            ;;
        *) fail 2 "unknown option $1; --help lists them" ;;
    esac
    shift
done
if [[ -n $is_dry && -z $is_publishing ]]; then
    fail 2 "--dry-run shows what --publish would run; give both"
fi

if [[ -z ${IPBR_RANK:-} && ! -x $root/.venv/bin/ipbr-rank ]]; then
    make -C "$root" setup >&2
fi

# This script again, with the variables of .env as ipbr-rank reads them; what the environment has
# counts more.
if [[ -f $root/.env && -z ${IPBR_WITH_DOTENV:-} ]]; then
    dotenv=${IPBR_DOTENV:-$root/.venv/bin/dotenv}
    command -v "$dotenv" >/dev/null || fail 1 "$dotenv is missing: run make setup in $root first"
    IPBR_WITH_DOTENV=1 exec "$dotenv" --file "$root/.env" run --no-override -- \
        bash "$root/scripts/refresh.sh" ${given[@]+"${given[@]}"}
fi

ipbr_rank=${IPBR_RANK:-$root/.venv/bin/ipbr-rank}
command -v "$ipbr_rank" >/dev/null || fail 1 "$ipbr_rank is missing: run make setup in $root first"
# Each program is told the secrets that it needs: wrangler none of the sources' keys, the pipeline
# nothing of Cloudflare's.
ipbr() {
    env -u CLOUDFLARE_API_TOKEN -u CLOUDFLARE_API_KEY "$ipbr_rank" "$@"
}
project=${CLOUDFLARE_PAGES_PROJECT:-ipbr}
# What of the last deployment the next one is compared with, laid out as in a site.
last="$root/data/.ipbr/published-$project"
if [[ -n $is_publishing ]]; then
    [[ -n ${CLOUDFLARE_ACCOUNT_ID:-} ]] || fail 2 "--publish needs CLOUDFLARE_ACCOUNT_ID, in the environment or in $root/.env"
    wrangler=(wrangler)
    if ! command -v wrangler >/dev/null; then
        wrangler=(npx wrangler)
        [[ -n $is_dry ]] || command -v npx >/dev/null ||
            fail 2 "--publish needs wrangler or npx: install Node.js, then run npx wrangler login"
    fi
    if [[ -z $edition ]]; then
        edition=publishable
        echo "Publishing the publishable edition: sources that may not be passed on are left out (--edition full keeps them)."
    fi
    published=${published:-${IPBR_SITE_URL:-}}
    if [[ -z $published && -d $last ]]; then
        published=$last
    fi
    if [[ -z $published && -z $is_first ]]; then
        published="https://$project.pages.dev"
        command -v curl >/dev/null || fail 2 "curl is needed to see whether $published exists; or give --published or --first"
        status=$(curl --silent --output /dev/null --max-time 30 --write-out '%{http_code}' \
            "$published/data/scoreboard.toml" || true)
        case $status in
            200) ;;
            404)
                echo "Nothing is published at $published yet: this is the first publication."
                is_first=1
                ;;
            *) fail 1 "cannot tell whether a site is published at $published (status $status): try again, or give --published or --first" ;;
        esac
    fi
    published=${published%/}
    if [[ -n $is_first ]]; then
        guard+=(--first)
    else
        # A history begun anew would be deployed over the published one.
        history=${history:-$published/history.parquet}
    fi
    if [[ -n $published ]]; then
        guard+=(--published "$published")
    fi
fi
edition=${edition:-full}
if [[ -n $history ]]; then
    options+=(--history "$history")
fi

ipbr all --out "$out" --edition "$edition" ${options[@]+"${options[@]}"}

if [[ -n $is_publishing ]]; then
    code=0
    ipbr check-publish --out "$out" --edition "$edition" ${guard[@]+"${guard[@]}"} || code=$?
    deploy=("${wrangler[@]}" pages deploy "$out/site" "--project-name=$project" --branch=main --commit-dirty=true)
    if ((code == 4)); then
        echo "Not deployed."
    elif ((code)); then
        exit "$code"
    elif [[ -n $is_dry ]]; then
        printf 'Would run:'
        printf ' %q' "${deploy[@]}"
        printf '\n'
    else
        export CLOUDFLARE_ACCOUNT_ID
        env -u AA_API_KEY -u OPENROUTER_API_KEY -u HF_TOKEN "${deploy[@]}"
        rm -rf "$last.new"
        mkdir -p "$last.new/data"
        cp "$out/scoreboard.toml" "$last.new/data"
        cp "$out/site/history.parquet" "$last.new"
        rm -rf "$last"
        mv "$last.new" "$last"
    fi
fi

if [[ -n $is_opening ]]; then
    page="$out/site/index.html"
    for opener in xdg-open open; do
        if command -v "$opener" >/dev/null; then
            exec "$opener" "$page"
        fi
    done
    fail 1 "no program to open $page with; xdg-open or open was expected"
fi
