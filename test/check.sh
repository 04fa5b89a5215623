#!/bin/sh
# Everything that is checked besides tests. Prints what is wrong and where.
set -eu

step() { printf '== %s\n' "$1"; }

step "format (gofumpt)"
wrong=$(go tool -modfile=tools/go.mod gofumpt -l cmd internal test web)
[ -z "$wrong" ] || { echo "$wrong"; echo "Run: go tool -modfile=tools/go.mod gofumpt -w cmd internal test web"; exit 1; }

step "go.mod is tidy"
go mod tidy -diff

step "vet"
go vet ./...

step "lint (golangci-lint)"
go tool -modfile=tools/go.mod golangci-lint run ./...

step "types (TypeScript)"
npx --no-install tsc --noEmit

step "import directions"
go test -count=1 ./internal/app -run TestImportsPointOneWay

step "generated files are current"
before=$(git status --porcelain | sha256sum; git diff | sha256sum)
go generate ./...
after=$(git status --porcelain | sha256sum; git diff | sha256sum)
[ "$before" = "$after" ] || { git status --porcelain; echo "go generate changed files: commit them."; exit 1; }

step "vulnerabilities (govulncheck)"
if out=$(go tool -modfile=tools/go.mod govulncheck ./... 2>&1); then
	echo "$out" | tail -n 3
elif echo "$out" | grep -qE 'dial tcp|no such host|i/o timeout|connection refused|Forbidden|fetching'; then
	echo "NOT CHECKED: the vulnerability database (vuln.go.dev) cannot be reached from here."
else
	echo "$out"
	exit 1
fi
step "all clean"
