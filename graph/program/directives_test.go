package program_test

import (
	"testing"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                     "",
		"email":                "email",
		"hostVideo":            "host_video",
		"e2eEncryption":        "e2e_encryption",
		"showAJoinLink":        "show_a_join_link",
		"usePmi":               "use_pmi",
		"h323Password":         "h323_password",
		"record3rdParty":       "record3rd_party",
		"siteID":               "site_i_d",
		"already_snake":        "already_snake",
		"liveStreamingYoutube": "live_streaming_youtube",
	} {
		if got := program.Snake(name); got != want {
			t.Errorf("program.Snake(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	named := func(zoom string) ast.DirectiveList {
		return ast.DirectiveList{{Name: "name", Arguments: ast.ArgumentList{{Name: "zoom", Value: &ast.Value{Raw: zoom, Kind: ast.StringValue}}}}}
	}
	for _, c := range []struct {
		name       string
		directives ast.DirectiveList
		want       string
	}{
		{"ruleId", nil, "rule_id"},
		{"ruleId", named("rule_Id"), "rule_Id"},
		{"ruleId", ast.DirectiveList{{Name: "detail"}}, "rule_id"},
		{"ruleId", append(ast.DirectiveList{{Name: "detail"}}, named("RULE")...), "RULE"},
	} {
		if got := program.Name(c.name, c.directives); got != c.want {
			t.Errorf("program.Name(%q, %v) = %q, want %q", c.name, c.directives, got, c.want)
		}
	}
}
