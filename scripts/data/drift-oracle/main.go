// What kustomize-controller's apply makes of an object, and what helm-controller's drift detection says about it: the controllers' own module,
// called as they call it, on the cluster of a kubeconfig. Reads one JSON request per line and answers each with one line.
//
//	drift-oracle KUBECONFIG apply|diff|staged|prune|wait
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/clusterreader"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	"github.com/fluxcd/cli-utils/pkg/object"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/runtime/statusreaders"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/jsondiff"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
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

	// For staged, prune and wait: a whole set.
	Objects   []map[string]any
	Custom    []schema.GroupKind
	Migrate   bool
	Owner     types.NamespacedName
	TimeoutMs int
	Checks    []kustomize.CustomHealthCheck
}

type answer struct {
	Action string `json:"action,omitempty"`
	Error  string `json:"error,omitempty"`

	Entries []string `json:"entries,omitempty"`
}

const group = "kustomize.toolkit.fluxcd.io/"

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	config.QPS = -1
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
		switch os.Args[2] {
		case "diff":
			result = diff(ctx, cluster, asked)
		case "staged":
			result = staged(ctx, manager, asked)
		case "prune":
			result = prune(ctx, manager, asked)
		case "wait":
			result = await(ctx, cluster, asked)
		default:
			result = apply(ctx, manager, asked)
		}
		cancel()
		text, err := json.Marshal(result)
		check(err)
		fmt.Println(string(text))
	}
}

func apply(ctx context.Context, manager *ssa.ResourceManager, asked request) answer {
	changes, err := manager.ApplyAll(ctx, []*unstructured.Unstructured{{Object: asked.Object}}, applyOptions(asked))
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Action: string(changes.Entries[0].Action)}
}

func staged(ctx context.Context, manager *ssa.ResourceManager, asked request) answer {
	options := applyOptions(asked)
	options.MigrateAPIVersion = asked.Migrate
	options.CustomStageKinds = map[schema.GroupKind]struct{}{}
	for _, kind := range asked.Custom {
		options.CustomStageKinds[kind] = struct{}{}
	}
	changes, err := manager.ApplyAllStaged(ctx, objects(asked), options)
	return told(changes, err)
}

func prune(ctx context.Context, manager *ssa.ResourceManager, asked request) answer {
	changes, err := manager.DeleteAll(ctx, objects(asked), ssa.DeleteOptions{
		PropagationPolicy: metav1.DeletePropagationBackground,
		Inclusions:        manager.GetOwnerLabels(asked.Owner.Name, asked.Owner.Namespace),
		Exclusions:        map[string]string{group + "prune": "disabled", group + "reconcile": "disabled", group + "ssa": "Ignore"},
	})
	return told(changes, err)
}

func await(ctx context.Context, cluster client.Client, asked request) answer {
	readers := []func(meta.RESTMapper) engine.StatusReader{statusreaders.NewCustomJobStatusReader}
	if len(asked.Checks) > 0 {
		reader, err := cel.NewStatusReader(asked.Checks)
		if err != nil {
			return answer{Error: err.Error()}
		}
		readers = append(readers, reader)
	}
	custom := []engine.StatusReader{}
	for _, reader := range readers {
		custom = append(custom, reader(cluster.RESTMapper()))
	}
	poller := polling.NewStatusPoller(cluster, cluster.RESTMapper(), polling.Options{
		CustomStatusReaders:  custom,
		ClusterReaderFactory: engine.ClusterReaderFactoryFunc(clusterreader.NewDirectClusterReader),
	})
	manager := ssa.NewResourceManager(cluster, poller, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})
	err := manager.WaitForSetWithContext(ctx, object.UnstructuredSetToObjMetadataSet(objects(asked)), ssa.WaitOptions{
		Interval:    100 * time.Millisecond,
		Timeout:     time.Duration(asked.TimeoutMs) * time.Millisecond,
		FailFast:    true,
		JobsWithTTL: utils.ExtractJobsWithTTL(objects(asked)),
	})
	return told(nil, err)
}

func objects(asked request) []*unstructured.Unstructured {
	var result []*unstructured.Unstructured
	for _, each := range asked.Objects {
		// Whole numbers as the controllers have them.
		text, err := json.Marshal(each)
		check(err)
		object := &unstructured.Unstructured{}
		check(object.UnmarshalJSON(text))
		result = append(result, object)
	}
	return result
}

func told(changes *ssa.ChangeSet, err error) answer {
	var result answer
	if changes != nil {
		for _, entry := range changes.Entries {
			result.Entries = append(result.Entries, entry.String())
		}
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func applyOptions(asked request) ssa.ApplyOptions {
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
	return options
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
