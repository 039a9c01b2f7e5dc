// Command terway-config reads an eni_conf exactly as the Terway daemon does.
//
//	terway-config [--base FILE] FILE
//
// FILE holds the JSON of one eni_conf ("-" is stdin). With --base, FILE is the
// eni_conf of a dynamic config, merged over the base as RFC 7396 says. The
// configuration that Terway would run with is printed as JSON, an access key as
// stars.
//
// Exit 1 with a sentence on stderr: the file cannot be read, Terway refuses it,
// or it holds a key that Terway would silently ignore. Exit 2: wrong arguments.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/AliyunContainerService/terway/types/daemon"
	"github.com/AliyunContainerService/terway/types/secret"
	kjson "sigs.k8s.io/json"
)

func main() {
	base := flag.String("base", "", "eni_conf of the cluster, when FILE is a dynamic config")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: terway-config [--base FILE] FILE")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*base, flag.Arg(0), os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "terway-config: %v\n", err)
		os.Exit(1)
	}
}

// run prints the configuration that Terway makes of conf, or of conf over base.
func run(base, conf string, out io.Writer) error {
	files := []string{conf}
	if base != "" {
		files = []string{base, conf}
	}
	layers := make([][]byte, 0, len(files))
	for _, name := range files {
		layer, err := readStrict(name)
		if err != nil {
			return err
		}
		layers = append(layers, layer)
	}
	config, err := asTerway(layers)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(printed{config, masked(config.AccessID), masked(config.AccessSecret)})
}

// printed lets an empty key show as empty: Terway's own type prints stars for both.
type printed struct {
	*daemon.Config
	AccessID     string `json:"access_key"`
	AccessSecret string `json:"access_secret"`
}

func masked(key secret.Secret) string {
	if key == "" {
		return ""
	}
	return key.String()
}

// asTerway takes the steps of daemon.GetConfigFromFileWithMerge and its callers.
func asTerway(layers [][]byte) (*daemon.Config, error) {
	var top []byte
	if len(layers) == 2 {
		top = layers[1]
	}
	config, err := daemon.MergeConfigAndUnmarshal(top, layers[0])
	if err != nil {
		return nil, fmt.Errorf("refused by Terway: %w", err)
	}
	config.Populate()
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("refused by Terway: %w", err)
	}
	return config, nil
}

// readStrict returns the bytes of a file and fails on what Terway passes over:
// unknown and repeated keys. Key names are case-sensitive, as they are for Terway.
func readStrict(name string) ([]byte, error) {
	data, err := read(name)
	if err != nil {
		return nil, err
	}
	strict, err := kjson.UnmarshalStrict(data, &daemon.Config{})
	if err != nil {
		return nil, fmt.Errorf("%s: refused by Terway: %w", name, err)
	}
	if len(strict) > 0 {
		return nil, fmt.Errorf("%s: ignored by Terway: %w", name, errors.Join(strict...))
	}
	return data, nil
}

func read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}
