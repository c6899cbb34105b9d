#!/bin/sh
# Leads a fresh centre through its first run as a browser does, by HTTP alone,
# and takes a number: first-run.sh URL CODE. Another curl than the one in PATH
# is given in $CURL. What goes wrong is said; exit status 1.
set -eu
url=$1
code=$2
jar=$(mktemp)
page=$(mktemp)
trap 'rm -f "$jar" "$page"' EXIT

get() { # get PATH: the page, and where redirects led on standard output
	${CURL:-curl} --silent --show-error --location --max-time 20 --cookie "$jar" --cookie-jar "$jar" \
		--output "$page" --write-out '%{http_code} %{url_effective}' "$@"
}
fail() {
	echo "$1" >&2
	sed -n 's/.*role="alert"[^>]*>//p' "$page" | head -5 >&2
	exit 1
}
# at STEP WHERE: the answer is this step's page.
at() {
	case $2 in
	"200 $url/setup/$1"*) ;;
	*) fail "expected the page $1, got $2" ;;
	esac
}
# answer STEP NEXT FIELD=VALUE…: answers a page and expects the next.
answer() {
	step=$1
	next=$2
	shift 2
	get "$url/setup/$step" >/dev/null
	rev=$(sed -n 's/.*name="rev" value="\([0-9]*\)".*/\1/p' "$page" | head -1)
	for field; do
		shift
		set -- "$@" --data-urlencode "$field"
	done
	at "$next" "$(get --data-urlencode "rev=$rev" "$@" "$url/setup/$step")"
}

at language "$(get "$url/setup?lang=en")"
grep -q "$code" "$page" && fail "the page shows the code"
answer code hall "code=$code"
answer hall centre first=vi lang=vi
answer centre template "unit.vi=Trung tâm Phục vụ hành chính công" "name.vi=Phường Thử"
get "$url/setup/template" >/dev/null
rev=$(sed -n 's/.*name="rev" value="\([0-9]*\)".*/\1/p' "$page" | head -1)
at categories "$(get --form "rev=$rev" --form template=hall "$url/setup/template")"
answer categories counters on.A=1 on.B=1 on.R=1
answer counters skills n.main=2
answer skills hours skill=1/A skill=1/B skill=2/A skill=2/R
answer hours panel hours=open
answer panel printer
answer printer review paper=skip
answer review done
answer done done open=1
answer done done take=A
grep -q '<b class="number">A001</b>' "$page" || fail "no first number"
at done "$(get "$url/setup")"
