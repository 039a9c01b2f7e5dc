// Command terraform-provider-alicloud is a provider with the arguments of a file and no cloud.
//
// Terraform and OpenTofu start it (dev_overrides). HYBRIDC_SCHEMA names a JSON file: a table of resources, each a table
// of arguments {kind, of, required, force_new, block}. What is made gets its address as id and stays as it was made;
// the account is HYBRIDC_ACCOUNT. So a plan shows what Terraform makes of a configuration, and nothing of Alibaba Cloud.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

type argument struct {
	Kind     string              `json:"kind"`
	Of       string              `json:"of"`
	Required bool                `json:"required"`
	ForceNew bool                `json:"force_new"`
	Block    map[string]argument `json:"block"`
}

var plain = map[string]schema.ValueType{
	"str": schema.TypeString, "bool": schema.TypeBool, "int": schema.TypeInt, "float": schema.TypeFloat,
}

func main() {
	source, err := os.ReadFile(os.Getenv("HYBRIDC_SCHEMA"))
	known := map[string]map[string]argument{}
	if err == nil {
		err = json.Unmarshal(source, &known)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "terraform-provider-alicloud: HYBRIDC_SCHEMA: %v\n", err)
		os.Exit(1)
	}
	resources := map[string]*schema.Resource{}
	for name, arguments := range known {
		resources[name] = resource(name, arguments)
	}
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: func() *schema.Provider {
		return &schema.Provider{
			Schema:         map[string]*schema.Schema{"region": {Type: schema.TypeString, Optional: true}},
			ResourcesMap:   resources,
			DataSourcesMap: map[string]*schema.Resource{"alicloud_account": account()},
		}
	}})
}

func account() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{},
		Read: func(data *schema.ResourceData, _ any) error {
			data.SetId(os.Getenv("HYBRIDC_ACCOUNT"))
			return nil
		},
	}
}

func resource(name string, arguments map[string]argument) *schema.Resource {
	same := func(*schema.ResourceData, any) error { return nil }
	found := &schema.Resource{
		Schema: fields(arguments),
		Read:   same,
		Delete: same,
		Create: func(data *schema.ResourceData, _ any) error {
			data.SetId(name)
			return nil
		},
		Importer: &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
	}
	for _, field := range found.Schema {
		if !field.ForceNew {
			found.Update = same
		}
	}
	return found
}

func fields(arguments map[string]argument) map[string]*schema.Schema {
	found := map[string]*schema.Schema{}
	for name, of := range arguments {
		field := &schema.Schema{Required: of.Required, Optional: !of.Required, ForceNew: of.ForceNew}
		switch {
		case of.Kind == "block":
			field.Type, field.MaxItems, field.Elem = schema.TypeList, 1, &schema.Resource{Schema: fields(of.Block)}
		case of.Kind == "list" && of.Block != nil:
			field.Type, field.Elem = schema.TypeList, &schema.Resource{Schema: fields(of.Block)}
		case of.Kind == "list":
			field.Type, field.Elem = schema.TypeList, &schema.Schema{Type: plain[of.Of]}
		case of.Kind == "map":
			field.Type, field.Elem = schema.TypeMap, &schema.Schema{Type: schema.TypeString}
		default:
			field.Type = plain[of.Kind]
		}
		found[name] = field
	}
	return found
}
