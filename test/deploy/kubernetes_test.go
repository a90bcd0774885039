package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const (
	base    = "kubernetes/base"
	overlay = "kubernetes/overlays/example"
)

func one[T any](t *testing.T, file string) T {
	t.Helper()
	all := readYAML[T](t, read(t, file), file)
	if len(all) != 1 {
		t.Fatalf("%s holds %d documents", file, len(all))
	}
	return all[0]
}

// deployed is the program as the overlay starts it.
func deployed(t *testing.T) placement {
	t.Helper()
	pod := one[deployment](t, base+"/deployment.yaml").Spec.Template.Spec
	own := pod.Containers[0]
	p := placement{name: "kubernetes", args: own.Args, env: imageEnv(t), files: map[string]string{}, ports: map[string]string{}}
	for _, e := range own.Env {
		p.env[e.Name] = e.Value
	}
	for name, value := range assignments(t, read(t, overlay+"/zoomgraph.env")) {
		p.env[name] = value
	}
	patches := one[[]struct {
		Op, Path string
		Value    struct{ Name, Value string }
	}](t, overlay+"/redis.yaml")
	for _, patch := range patches {
		p.env[patch.Value.Name] = patch.Value.Value
	}
	for _, port := range own.Ports {
		p.ports[port.Name] = fmt.Sprint(port.ContainerPort)
	}
	k := one[kustomization](t, overlay+"/kustomization.yaml")
	mounts := map[string]string{}
	for _, m := range own.VolumeMounts {
		mounts[m.Name] = m.MountPath
	}
	for _, v := range pod.Volumes {
		for _, g := range k.ConfigMapGenerator {
			if g.Name == v.ConfigMap.Name {
				p.provide(mounts[v.Name], g.Files, overlay)
			}
		}
		for _, g := range k.SecretGenerator {
			if g.Name == v.Secret.SecretName {
				p.provide(mounts[v.Name], g.Files, "")
			}
		}
	}
	return p
}

// provide puts files of a directory, or secrets where it is "", where they are mounted.
func (p *placement) provide(at string, files []string, from string) {
	for _, file := range files {
		source := ""
		if from != "" {
			source = path.Join(from, file)
		}
		p.files[path.Join(at, path.Base(file))] = source
	}
}

// TestKustomizations wants each file that they name, and each file named.
func TestKustomizations(t *testing.T) {
	t.Parallel()
	for _, at := range []string{base, overlay} {
		k := one[kustomization](t, at+"/kustomization.yaml")
		named := append([]string{"kustomization.yaml"}, k.Resources...)
		for _, g := range slices.Concat(k.ConfigMapGenerator, k.SecretGenerator) {
			named = append(named, slices.Concat(g.Files, g.Envs)...)
		}
		for _, patch := range k.Patches {
			named = append(named, patch.Path)
		}
		for _, name := range named {
			if strings.HasPrefix(name, "secrets/") {
				continue // written by whoever deploys
			}
			if _, err := os.Stat(filepath.Join(dir, at, name)); err != nil {
				t.Errorf("%s names %s: %v", at, name, err)
			}
		}
		entries, err := os.ReadDir(filepath.Join(dir, at))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !slices.Contains(named, entry.Name()) && entry.Name() != "secrets" {
				t.Errorf("%s/%s is named by nothing", at, entry.Name())
			}
		}
	}
}

// TestDeployment holds the pod to what Kubernetes calls restricted, and its times to those of the program.
func TestDeployment(t *testing.T) {
	t.Parallel()
	d := one[deployment](t, base+"/deployment.yaml")
	pod := d.Spec.Template.Spec
	own := pod.Containers[0]
	context, inner := pod.SecurityContext, own.SecurityContext
	if !context.RunAsNonRoot || fmt.Sprint(context.RunAsUser) != nobody || context.SeccompProfile.Type != "RuntimeDefault" ||
		inner.AllowPrivilegeEscalation == nil || *inner.AllowPrivilegeEscalation || !slices.Equal(inner.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("the pod is not restricted: %+v %+v", context, inner)
	}
	if !inner.ReadOnlyRootFilesystem || pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("the pod can write to its image, or has a token of the cluster")
	}
	if pod.EnableServiceLinks == nil || *pod.EnableServiceLinks {
		t.Error("Kubernetes would set variables that begin like the program's")
	}
	// The program drains for 10 seconds, and hands over its last spans for 5.
	if least := own.Lifecycle.PreStop.Sleep.Seconds + 10 + 5; pod.TerminationGracePeriodSeconds < least+5 {
		t.Errorf("the pod has %d s to end, and needs %d and some more", pod.TerminationGracePeriodSeconds, least)
	}
	if own.Resources.Limits["memory"] != "512Mi" || own.Resources.Requests["cpu"] == "" {
		t.Errorf("resources %v: GOMEMLIMIT is four fifths of 512Mi", own.Resources)
	}
	for name, p := range map[string]probe{"startup": own.StartupProbe, "liveness": own.LivenessProbe, "readiness": own.ReadinessProbe} {
		want := "/livez"
		if name == "readiness" {
			want = "/readyz"
		}
		if p.HTTPGet.Path != want || p.HTTPGet.Port != "http" || p.FailureThreshold == 0 {
			t.Errorf("the %s probe asks %+v", name, p)
		}
	}
	annotations := d.Spec.Template.Metadata.Annotations
	if ports := deployed(t).ports; annotations["prometheus.io/port"] != ports["admin"] || annotations["prometheus.io/path"] != "/metrics" {
		t.Errorf("Prometheus is sent to %v", annotations)
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
	}
	for _, m := range own.VolumeMounts {
		if !volumes[m.Name] || !m.ReadOnly && m.MountPath != "/tmp" {
			t.Errorf("mount %+v: there is no such volume, or it can be written", m)
		}
		delete(volumes, m.Name)
	}
	if len(volumes) > 0 {
		t.Errorf("nobody mounts %v", volumes)
	}
}

// TestNames holds references by name together: ports, accounts, images, selectors.
func TestNames(t *testing.T) {
	t.Parallel()
	d := one[deployment](t, base+"/deployment.yaml")
	ports := deployed(t).ports
	for _, p := range one[service](t, base+"/service.yaml").Spec.Ports {
		if p.TargetPort != "http" || ports[p.TargetPort] == "" {
			t.Errorf("the service leads to %q", p.TargetPort)
		}
	}
	policy := one[networkPolicy](t, base+"/networkpolicy.yaml").Spec
	open := map[string]bool{}
	for _, in := range policy.Ingress {
		if len(in.From) == 0 {
			t.Error("everybody may come in")
		}
		for _, p := range in.Ports {
			open[p.Port] = true
		}
	}
	if len(open) != len(ports) || !open["http"] || !open["admin"] || len(policy.PolicyTypes) != 2 {
		t.Errorf("the policy opens %v of %v", open, ports)
	}
	if account := one[serviceAccount](t, base+"/serviceaccount.yaml"); account.Metadata.Name != d.Spec.Template.Spec.ServiceAccountName {
		t.Errorf("the account is %s", account.Metadata.Name)
	}
	if budget := one[disruptionBudget](t, base+"/poddisruptionbudget.yaml"); budget.Spec.MaxUnavailable != 1 {
		t.Errorf("%d may be away at once", budget.Spec.MaxUnavailable)
	}
	image := readCompose(t).Services["zoomgraph"].Image
	if own := d.Spec.Template.Spec.Containers[0].Image; own != image || !strings.Contains(string(read(t, "Dockerfile")), "-t "+image+" ") {
		t.Errorf("the image is %s in the deployment, %s in compose.yaml, another in the Dockerfile", own, image)
	}
	k := one[kustomization](t, overlay+"/kustomization.yaml")
	if name, _, _ := strings.Cut(image, ":"); len(k.Images) != 1 || k.Images[0].Name != name || !pinned.MatchString(k.Images[0].NewName+":"+k.Images[0].NewTag) {
		t.Errorf("the overlay's images are %v", k.Images)
	}
}

// TestKustomize builds the overlay, and looks at what the cluster would be given.
func TestKustomize(t *testing.T) {
	t.Parallel()
	program := need(t, "kustomize")
	tmp := t.TempDir()
	if err := os.CopyFS(tmp, os.DirFS(filepath.Join(dir, "kubernetes"))); err != nil {
		t.Fatal(err)
	}
	secrets := filepath.Join(tmp, "overlays", "example", "secrets")
	if err := os.RemoveAll(secrets); err != nil { // somebody's own
		t.Fatal(err)
	}
	if err := os.MkdirAll(secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zoom_client_secret", "redis_url"} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), program, "build", filepath.Join(tmp, "overlays", "example")).Output()
	if err != nil {
		t.Fatalf("kustomize: %v", err)
	}
	objects := map[string]string{}
	for text := range strings.SplitSeq(string(out), "\n---\n") {
		kind := objectOf(t, text).Kind
		objects[kind] = text
		if kind == "ConfigMap" || kind == "Secret" {
			objects[objectOf(t, text).Metadata.Name] = text
		}
		if objectOf(t, text).Metadata.Namespace != k8sNamespace {
			t.Errorf("a %s is in no namespace", kind)
		}
	}
	d := readYAML[deployment](t, []byte(objects["Deployment"]), "Deployment")[0]
	pod := d.Spec.Template.Spec
	for name, got := range map[string]labels{
		"Deployment": d.Spec.Selector.MatchLabels, "pods": d.Spec.Template.Metadata.Labels,
		"Service":             readYAML[service](t, []byte(objects["Service"]), "Service")[0].Spec.Selector,
		"NetworkPolicy":       readYAML[networkPolicy](t, []byte(objects["NetworkPolicy"]), "NetworkPolicy")[0].Spec.PodSelector.MatchLabels,
		"PodDisruptionBudget": readYAML[disruptionBudget](t, []byte(objects["PodDisruptionBudget"]), "PodDisruptionBudget")[0].Spec.Selector.MatchLabels,
		"spread":              pod.TopologySpreadConstraints[0].LabelSelector.MatchLabels,
	} {
		if got["app.kubernetes.io/name"] != "zoomgraph" {
			t.Errorf("%s is by the labels %v", name, got)
		}
	}
	if d.Spec.Replicas != 3 || !pinned.MatchString(pod.Containers[0].Image) {
		t.Errorf("%d replicas of %s", d.Spec.Replicas, pod.Containers[0].Image)
	}
	for _, ref := range []string{pod.Containers[0].EnvFrom[0].ConfigMapRef.Name, pod.Volumes[0].ConfigMap.Name, pod.Volumes[1].Secret.SecretName} {
		if objects[ref] == "" || len(readYAML[dictionary](t, []byte(objects[ref]), ref)[0].Data) == 0 {
			t.Errorf("the pods refer to %q, and there is no such object", ref)
		}
	}
	if last := pod.Containers[0].Env[len(pod.Containers[0].Env)-1]; last.Name != "ZOOMGRAPH_REDIS_URL_FILE" {
		t.Errorf("the last variable is %v", last)
	}
}

const k8sNamespace = "zoomgraph"

// objectOf reads what all objects have.
func objectOf(t *testing.T, text string) Object {
	t.Helper()
	var o Object
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return o
}
