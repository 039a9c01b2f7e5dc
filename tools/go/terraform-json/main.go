// Command terraform-json reads a .tf.json as Terraform does and prints what its expressions come to.
//
//	terraform-json FILE
//
// Blocks are found by the labels that Terraform gives them, every argument is evaluated by HCL's own JSON reader, in
// which each string and each key of a map is a template. Variables have their defaults; of what only a cloud could
// tell (self, other resources) the value is null.
//
// Exit 1 with a sentence on stderr: the file is no configuration, or an expression of it has no value.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// The blocks that hybridc writes, as Terraform's own schema has them.
var root = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "terraform"},
	{Type: "provider", LabelNames: []string{"name"}},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "output", LabelNames: []string{"name"}},
	{Type: "data", LabelNames: []string{"type", "name"}},
	{Type: "resource", LabelNames: []string{"type", "name"}},
}}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: terraform-json FILE")
		os.Exit(2)
	}
	found, err := read(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "terraform-json: %v\n", err)
		os.Exit(1)
	}
}

// read gives every block of a file as [type, label…, arguments].
func read(path string) ([][]any, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, problems := hcljson.Parse(source, path)
	if problems.HasErrors() {
		return nil, problems
	}
	content, problems := file.Body.Content(root)
	if problems.HasErrors() {
		return nil, problems
	}
	context, err := known(content.Blocks, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	found := [][]any{}
	for _, block := range content.Blocks {
		arguments, err := evaluated(block, context)
		if err != nil {
			return nil, err
		}
		row := []any{block.Type}
		for _, label := range block.Labels {
			row = append(row, label)
		}
		found = append(found, append(row, arguments))
	}
	return found, nil
}

func evaluated(block *hcl.Block, context *hcl.EvalContext) (map[string]json.RawMessage, error) {
	attributes, problems := block.Body.JustAttributes()
	if problems.HasErrors() {
		return nil, problems
	}
	found := map[string]json.RawMessage{}
	for name, attribute := range attributes {
		value, problems := attribute.Expr.Value(context)
		if problems.HasErrors() {
			return nil, problems
		}
		value, err := cty.Transform(value, func(_ cty.Path, inner cty.Value) (cty.Value, error) {
			if !inner.IsKnown() {
				return cty.NullVal(inner.Type()), nil
			}
			return inner, nil
		})
		if err != nil {
			return nil, err
		}
		text, err := ctyjson.Marshal(value, value.Type())
		if err != nil {
			return nil, err
		}
		found[name] = text
	}
	return found, nil
}

// known is what expressions may name, in a file of this folder.
func known(blocks hcl.Blocks, folder string) (*hcl.EvalContext, error) {
	context := &hcl.EvalContext{
		Variables: map[string]cty.Value{
			"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(folder)}),
			"self": cty.DynamicVal,
			"var":  cty.DynamicVal,
		},
		Functions: map[string]function.Function{
			"file":       ofFile(func(content []byte) string { return string(content) }),
			"filesha256": ofFile(func(content []byte) string { sum := sha256.Sum256(content); return hex.EncodeToString(sum[:]) }),
			"jsondecode": stdlib.JSONDecodeFunc,
		},
	}
	defaults := map[string]cty.Value{}
	for _, block := range blocks {
		switch block.Type {
		case "resource":
			context.Variables[block.Labels[0]] = cty.DynamicVal
		case "variable":
			attributes, problems := block.Body.JustAttributes()
			if problems.HasErrors() {
				return nil, problems
			}
			value, problems := attributes["default"].Expr.Value(context)
			if problems.HasErrors() {
				return nil, problems
			}
			defaults[block.Labels[0]] = value
		}
	}
	if len(defaults) > 0 {
		context.Variables["var"] = cty.ObjectVal(defaults)
	}
	return context, nil
}

func ofFile(of func([]byte) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			content, err := os.ReadFile(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(of(content)), nil
		},
	})
}
