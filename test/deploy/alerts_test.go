package deploy_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const alertFile = "prometheus/zoomgraph.rules.yaml"

// ruleFile is a file of rules as Prometheus reads it, as far as the alerts use it. A key that is not here is taken for a
// slip.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []alert
	}
}

type alert struct {
	Alert       string
	Expr        string
	For         string
	Labels      labels
	Annotations labels
}

// alerts are all of them, by name.
func alerts(t *testing.T) map[string]alert {
	t.Helper()
	all := map[string]alert{}
	for _, group := range one[ruleFile](t, alertFile).Groups {
		if group.Name == "" || len(group.Rules) == 0 {
			t.Errorf("a group has no name or no rules: %+v", group)
		}
		for _, a := range group.Rules {
			if _, taken := all[a.Alert]; taken {
				t.Errorf("two alerts are named %s", a.Alert)
			}
			all[a.Alert] = a
		}
	}
	return all
}

var (
	exprPart  = regexp.MustCompile(`^\s*(?:([a-z_]+)|(\d+)|(==|[(),]))`)
	labelUsed = regexp.MustCompile(`\{\{ \$labels\.([a-z]+) \}\}`)
	grouped   = regexp.MustCompile(`by \(([a-z, ]+)\)`)
)

// metrics are the names of metrics in the expression. What is neither one of them, nor a part of the small language that
// the alerts are written in, is an error.
func (a *alert) metrics(t *testing.T) []string {
	t.Helper()
	known := strings.Fields("min max by or job account label")
	var names []string
	depth, rest := 0, a.Expr
	for strings.TrimSpace(rest) != "" {
		m := exprPart.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("%s: what is %q in its expression?", a.Alert, rest)
		}
		rest = rest[len(m[0]):]
		switch {
		case m[3] == "(":
			depth++
		case m[3] == ")":
			depth--
		case strings.HasPrefix(m[1], "zoomgraph_"):
			names = append(names, m[1])
		case m[1] != "" && !slices.Contains(known, m[1]):
			t.Errorf("%s: %q is no metric of ours, and no label", a.Alert, m[1])
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 || len(names) == 0 {
		t.Errorf("%s: %q is no expression about a metric", a.Alert, a.Expr)
	}
	return names
}

// labels are those that the alert has, by its expression: the same in all parts of it.
func (a *alert) labels(t *testing.T) []string {
	t.Helper()
	all := grouped.FindAllStringSubmatch(a.Expr, -1)
	if len(all) == 0 {
		t.Fatalf("%s: %q does not say for whom it is", a.Alert, a.Expr)
	}
	for _, m := range all {
		if m[1] != all[0][1] {
			t.Errorf("%s: its parts have other labels", a.Alert)
		}
	}
	return strings.Split(all[0][1], ", ")
}

// TestAlerts holds that there is an alert for each trouble an operator has to know of, and that Prometheus can read it.
func TestAlerts(t *testing.T) {
	t.Parallel()
	all := alerts(t)
	for metric, by := range map[string]string{
		"zoomgraph_zoom_up": "job account", "zoomgraph_zoom_credentials_refused": "job account", "zoomgraph_budget_closed": "job account label",
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Values(all)), func(a alert) bool {
			return slices.Contains(a.metrics(t), metric) && slices.Equal(a.labels(t), strings.Fields(by))
		}) {
			t.Errorf("no alert is about %s by %s", metric, by)
		}
	}
	for name, a := range all {
		if !regexp.MustCompile(`^Zoomgraph[A-Z][A-Za-z]+$`).MatchString(name) || !regexp.MustCompile(`^[1-9][0-9]*[smh]$`).MatchString(a.For) {
			t.Errorf("%q for %q", name, a.For)
		}
		if !slices.Contains([]string{"critical", "warning"}, a.Labels["severity"]) || a.Annotations["summary"] == "" || len(a.Annotations["description"]) < 50 {
			t.Errorf("%s says too little: %v, %v", name, a.Labels, a.Annotations)
		}
		for _, text := range a.Annotations {
			for _, m := range labelUsed.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(a.labels(t), m[1]) {
					t.Errorf("%s uses the label %s, which it does not have", name, m[1])
				}
			}
			if strings.Count(text, "{{") != len(labelUsed.FindAllString(text, -1)) {
				t.Errorf("%s: %q is no template that is known here", name, text)
			}
		}
	}
	if !strings.Contains(string(read(t, "README.md")), alertFile) {
		t.Errorf("README.md does not name %s", alertFile)
	}
}

// wantExported holds that a running program exports the metrics of the alerts, with their labels.
func wantExported(t *testing.T, metrics string) {
	t.Helper()
	for name, a := range alerts(t) {
		for _, metric := range a.metrics(t) {
			sample := regexp.MustCompile(`(?m)^` + metric + `\{(.*)\} `).FindStringSubmatch(metrics)
			if sample == nil {
				t.Errorf("%s: the program exports no %s", name, metric)
				continue
			}
			for _, label := range a.labels(t) {
				if label != "job" && !strings.Contains(","+sample[1], ","+label+"=") { // Prometheus adds the job
					t.Errorf("%s: %s has no label %s", name, metric, label)
				}
			}
		}
	}
}
