#!/bin/sh
# Installs what the tests need beyond Go and Node, through apt where it can,
# and says plainly what is missing where it cannot.
set -u

missing=""
command -v sox >/dev/null || missing="$missing sox"
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
command -v turnutils_uclient >/dev/null || missing="$missing coturn"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v sipp >/dev/null || missing="$missing sip-tester"
command -v baresip >/dev/null || missing="$missing baresip-core"
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	echo "Installing for the tests:$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# Chromium without a window costs the tests half as much, where there is one.
	apt-cache show chromium-headless-shell >/dev/null 2>&1 && missing=$(echo "$missing" | sed 's/ chromium/ chromium-headless-shell/')
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "The tests also need:$missing"
echo "Install them with your system's packages, for instance: sudo apt-get install$missing"
echo "Tests that need what is missing will say so and be skipped."
[ -z "${NO_SKIP:-}" ]
