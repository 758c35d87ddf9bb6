package main

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

// What kustomize-controller knows: the types of client-go.
var kustomizeScheme = scheme.Scheme

// What helm-controller knows: Helm adds custom resource definitions to the same.
var helmScheme = makeHelmScheme()

func makeHelmScheme() *runtime.Scheme {
	result := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme,
		apiextensionsv1.AddToScheme,
		apiextensionsv1beta1.AddToScheme,
	} {
		if err := add(result); err != nil {
			panic(err)
		}
	}
	return result
}
