#!/bin/sh
# Renders the prompts that a practice starts with: each line of en.csv spoken
# by espeak-ng, made into 8 kHz A-law without a header (ITU-T G.711) in en/.
# Needs espeak-ng and sox. `make prompts` runs it.
set -eu
cd "$(dirname "$0")"
rm -rf en
mkdir en
tail -n +2 en.csv | while IFS=, read -r id words; do
	words=${words#\"}
	words=${words%\"}
	espeak-ng -v en-gb-x-rp -s 155 -a 160 --stdout "$words" </dev/null |
		sox -q -t wav - -r 8000 -c 1 -e a-law -t al "en/$id.al" silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse norm -4 pad 0.02 0.08
done
