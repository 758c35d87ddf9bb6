// What helm-controller's own code says of values: its module composes and digests them. Reads one JSON request per line, answers each with one line.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	"github.com/opencontainers/go-digest"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type request struct {
	Release    v2.HelmRelease
	ConfigMaps map[string]corev1.ConfigMap
	Secrets    map[string]corev1.Secret
}

type answer struct {
	Error string `json:"error,omitempty"`
	// Of the composed values.
	Config string `json:"config,omitempty"`
	// What was digested.
	Text string `json:"text,omitempty"`
	// As the controller encodes them: JSON, then a line break.
	PostRenderers  string `json:"postRenderers,omitempty"`
	CommonMetadata string `json:"commonMetadata,omitempty"`
}

// Answers from the request alone.
type reader struct {
	client.Client
	asked request
}

func (r reader) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch target := into.(type) {
	case *corev1.ConfigMap:
		if found, ok := r.asked.ConfigMaps[key.Name]; ok {
			found.DeepCopyInto(target)
			return nil
		}
	case *corev1.Secret:
		if found, ok := r.asked.Secrets[key.Name]; ok {
			found.DeepCopyInto(target)
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: "objects"}, key.Name)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	for lines.Scan() {
		var asked request
		check(json.Unmarshal(lines.Bytes(), &asked))
		text, err := json.Marshal(answerTo(asked))
		check(err)
		fmt.Println(string(text))
	}
}

func answerTo(asked request) answer {
	release := asked.Release
	said := answer{
		PostRenderers:  digestOf(release.Spec.PostRenderers),
		CommonMetadata: digestOf(release.Spec.CommonMetadata),
	}
	values, err := chartutil.ChartValuesFromReferences(
		context.Background(), logr.Discard(), reader{asked: asked}, release.Namespace, release.GetValues(), release.Spec.ValuesFrom...)
	if err != nil {
		said.Error = err.Error()
		return said
	}
	said.Config = chartutil.DigestValues(digest.SHA256, values).String()
	var text textWriter
	if len(values) > 0 {
		check(chartutil.Encode(&text, values, chartutil.SortMapSlice))
	}
	said.Text = string(text)
	return said
}

type textWriter []byte

func (w *textWriter) Write(data []byte) (int, error) {
	*w = append(*w, data...)
	return len(data), nil
}

func digestOf(value any) string {
	digester := sha256.New()
	check(json.NewEncoder(digester).Encode(value))
	return fmt.Sprintf("sha256:%x", digester.Sum(nil))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
