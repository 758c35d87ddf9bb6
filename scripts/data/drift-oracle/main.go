// What kustomize-controller's apply makes of an object, and what helm-controller's drift detection says about it: the controllers' own module,
// called as they call it, on the cluster of a kubeconfig. Reads one JSON request per line and answers each with one line.
//
//	drift-oracle KUBECONFIG apply|diff
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/jsondiff"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type request struct {
	Object map[string]any
	Ignore []struct {
		Paths  []string
		Target *jsondiff.Selector
	}
	Force    bool
	Override []string
}

type answer struct {
	Action string `json:"action,omitempty"`
	Error  string `json:"error,omitempty"`
}

const group = "kustomize.toolkit.fluxcd.io/"

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	config.QPS, config.Burst = 1000, 1000
	isDiff := os.Args[2] == "diff"
	cluster, err := client.New(config, client.Options{DryRun: &isDiff})
	check(err)
	poller := polling.NewStatusPoller(cluster, cluster.RESTMapper(), polling.Options{})
	manager := ssa.NewResourceManager(cluster, poller, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})

	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	for lines.Scan() {
		var asked request
		check(json.Unmarshal(lines.Bytes(), &asked))
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		var result answer
		if isDiff {
			result = diff(ctx, cluster, asked)
		} else {
			result = apply(ctx, manager, asked)
		}
		cancel()
		text, err := json.Marshal(result)
		check(err)
		fmt.Println(string(text))
	}
}

func apply(ctx context.Context, manager *ssa.ResourceManager, asked request) answer {
	options := ssa.DefaultApplyOptions()
	options.WaitInterval = 50 * time.Millisecond
	options.Force = asked.Force
	options.ExclusionSelector = map[string]string{group + "reconcile": "disabled", group + "ssa": "Ignore"}
	options.IfNotPresentSelector = map[string]string{group + "ssa": "IfNotPresent"}
	options.ForceSelector = map[string]string{group + "force": "enabled"}
	options.DriftIgnoreRules = rules(asked)
	managers := []ssa.FieldManager{
		{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
		{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
		{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
		{Name: "kustomize-controller", OperationType: metav1.ManagedFieldsOperationUpdate},
	}
	for _, name := range asked.Override {
		for _, operation := range []metav1.ManagedFieldsOperationType{metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate} {
			managers = append(managers, ssa.FieldManager{Name: name, OperationType: operation})
		}
	}
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations:   []string{"kubectl.kubernetes.io/last-applied-configuration", group + "checksum", "fluxcd.io/sync-checksum"},
		Labels:        []string{"fluxcd.io/sync-gc-mark"},
		FieldManagers: managers,
		Exclusions:    map[string]string{group + "ssa": "Merge"},
	}
	changes, err := manager.ApplyAll(ctx, []*unstructured.Unstructured{{Object: asked.Object}}, options)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Action: string(changes.Entries[0].Action)}
}

func diff(ctx context.Context, cluster client.Client, asked request) answer {
	options := []jsondiff.ListOption{
		jsondiff.FieldOwner("helm-controller"),
		jsondiff.ExclusionSelector{"helm.toolkit.fluxcd.io/driftDetection": "disabled"},
		jsondiff.Rationalize(true),
		jsondiff.Graceful(true),
	}
	if ignored := rules(asked); len(ignored) > 0 {
		options = append(options, jsondiff.IgnoreRules(ignored))
	}
	set, err := jsondiff.UnstructuredList(ctx, cluster, []*unstructured.Unstructured{{Object: asked.Object}}, options...)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Action: string(set[0].Type)}
}

func rules(asked request) []jsondiff.IgnoreRule {
	var result []jsondiff.IgnoreRule
	for _, rule := range asked.Ignore {
		result = append(result, jsondiff.IgnoreRule{Paths: rule.Paths, Selector: rule.Target})
	}
	return result
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
