// Command build makes web/dist: it bundles the scripts and styles in web/src
// with the NHS frontend from node_modules, names each file by its content and
// writes manifest.json. Run it from the repository's root: go run ./web/build
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	source = "web/src"
	target = "web/dist"
	images = "node_modules/nhsuk-frontend/dist/nhsuk/assets/images"
)

func main() {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

func build() error {
	if _, err := os.Stat("node_modules/nhsuk-frontend"); err != nil {
		return errors.New("the NHS frontend is not installed: run `npm ci` first")
	}
	files, err := bundle()
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(filepath.Join(source, "favicon.svg"))
	if err != nil {
		return err
	}
	files["favicon.svg"] = icon
	if err := clear(target); err != nil {
		return err
	}
	return write(files)
}

// bundle makes heartwood.js and heartwood.css.
func bundle() (map[string][]byte, error) {
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{source + "/heartwood.ts", source + "/heartwood.css"},
		Outdir:      target,
		Bundle:      true,
		Format:      api.FormatESModule,
		Target:      api.ES2022,
		Charset:     api.CharsetUTF8,

		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		LegalComments: api.LegalCommentsNone,
		LogLevel:      api.LogLevelWarning,
		Loader:        map[string]api.Loader{".svg": api.LoaderDataURL},
		Plugins:       []api.Plugin{local},
	})
	if len(r.Errors) > 0 {
		return nil, errors.New("the bundle has mistakes, named above")
	}
	out := map[string][]byte{}
	for _, f := range r.OutputFiles {
		if strings.Contains(string(f.Contents), "url(https://") || strings.Contains(string(f.Contents), `url("https://`) {
			return nil, fmt.Errorf("%s loads something from another host", filepath.Base(f.Path))
		}
		out[filepath.Base(f.Path)] = f.Contents
	}
	return out, nil
}

var fontFace = regexp.MustCompile(`(?s)@font-face\s*\{.*?\}`)

// local takes the fonts of the NHS website out of the style sheet: they are
// licensed to that site and would be loaded from it. Arial stands in.
var local = api.Plugin{Name: "local", Setup: func(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: `^/assets/images/`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		path, err := filepath.Abs(filepath.Join(images, strings.TrimPrefix(a.Path, "/assets/images/")))
		return api.OnResolveResult{Path: path}, err
	})
	b.OnLoad(api.OnLoadOptions{Filter: `nhsuk-frontend\.css$`}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		css, err := os.ReadFile(a.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		s := fontFace.ReplaceAllString(string(css), "")
		s = strings.ReplaceAll(s, "Frutiger W01,", "")
		s = strings.ReplaceAll(s, `"Frutiger W01",`, "")
		return api.OnLoadResult{Contents: &s, Loader: api.LoaderCSS}, nil
	})
}}

// clear empties the target but for its README.
func clear(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "README" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// squeeze compresses a file once and well, so that serving it costs nothing.
func squeeze(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// write puts each file under its name and a hash of its content.
func write(files map[string][]byte) error {
	manifest := map[string]string{}
	for name, content := range files {
		sum := sha256.Sum256(content)
		ext := filepath.Ext(name)
		full := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
		manifest[name] = full
		small, err := squeeze(content)
		if err != nil {
			return err
		}
		err = errors.Join(
			os.WriteFile(filepath.Join(target, full), content, 0o600),
			os.WriteFile(filepath.Join(target, full+".gz"), small, 0o600))
		if err != nil {
			return err
		}
		fmt.Printf("%-16s %7d bytes, %6d sent\n", name, len(content), len(small))
	}
	m, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(target, "manifest.json"), append(m, '\n'), 0o600)
}
