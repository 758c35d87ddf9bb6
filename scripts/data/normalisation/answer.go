package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

type question struct {
	// `kustomize` and `helm`: what each controller does before an apply; `dryRun`: to the answer of a dry-run; `caBundle`: what an
	// apply does to invalid certificates of a CRD; `read`: the objects in the text of a manifest.
	As     string          `json:"as"`
	Object json.RawMessage `json:"object"`
}

type reply struct {
	Object  map[string]interface{}   `json:"object,omitempty"`
	Objects []map[string]interface{} `json:"objects,omitempty"`
	Error   string                   `json:"error,omitempty"`
	Panic   bool                     `json:"panic,omitempty"`
}

// Answers each line of JSON with one line of JSON, in the same order.
func answerLines(in io.Reader, out *bufio.Writer) {
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			data, err := json.Marshal(answer(line))
			if err != nil {
				panic(err)
			}
			out.Write(data)
			out.WriteByte('\n')
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func answer(line []byte) (result reply) {
	defer func() {
		if fault := recover(); fault != nil {
			result = reply{Error: fmt.Sprint(fault), Panic: true}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return reply{Error: err.Error()}
	}
	if asked.As == "read" {
		return readManifest(asked.Object)
	}
	content := map[string]interface{}{}
	if err := utiljson.Unmarshal(asked.Object, &content); err != nil {
		return reply{Error: err.Error()}
	}
	object := &unstructured.Unstructured{Object: content}
	var err error
	switch asked.As {
	case "kustomize":
		err = normalize.UnstructuredList([]*unstructured.Unstructured{object})
	case "helm":
		err = normalize.UnstructuredListWithScheme([]*unstructured.Unstructured{object}, helmScheme)
	case "dryRun":
		err = normalize.DryRunUnstructured(object)
	case "caBundle":
		utils.RemoveCABundleFromCRD(object)
	default:
		err = fmt.Errorf("unknown use %q", asked.As)
	}
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Object: object.Object}
}

func readManifest(quoted json.RawMessage) (result reply) {
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return reply{Error: err.Error()}
	}
	objects, err := utils.ReadObjects(strings.NewReader(text))
	if err != nil {
		return reply{Error: err.Error()}
	}
	for _, object := range objects {
		result.Objects = append(result.Objects, object.Object)
	}
	return result
}
