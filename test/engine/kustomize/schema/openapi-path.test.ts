/** Schemas that a kustomization brings with it. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'lists of a custom kind merge by the key of its schema',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 1
  - id: b
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 2
  - id: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 2
  - id: c
  - id: b
`,
  },
  {
    name: 'a schema in YAML',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 1
  - id: b
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 2
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.yaml
`,
      '/s.yaml': `
definitions:
  v1.Widget:
    type: object
    x-kubernetes-group-version-kind:
    - group: example.com
      version: v1
      kind: Widget
    properties:
      spec:
        type: object
        properties:
          parts:
            type: array
            items: {type: object}
            x-kubernetes-patch-strategy: merge
            x-kubernetes-patch-merge-key: id
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    v: 2
  - id: b
`,
  },
  {
    name: 'several keys',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 1
    protocol: a
  - number: 1
    protocol: b
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 1
    protocol: b
    x: "y"
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 1
    protocol: a
  - number: 1
    protocol: b
    x: "y"
`,
  },
  {
    name: 'lists of texts',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  names: [a, b]
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  names: [c, b]
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  names:
  - c
  - b
  - a
`,
  },
  {
    name: 'a merge key without a strategy is none',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  nostrategy:
  - id: a
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  nostrategy:
  - id: b
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  nostrategy:
  - id: b
`,
  },
  {
    name: 'a reference that leads nowhere',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  dangling:
  - id: a
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  dangling:
  - id: b
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  dangling:
  - id: b
`,
  },
  {
    name: 'a type that holds itself',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    sub:
    - id: b
      sub:
      - id: c
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    sub:
    - id: b
      sub:
      - id: d
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  parts:
  - id: a
    sub:
    - id: b
      sub:
      - id: d
      - id: c
`,
  },
  {
    name: 'maps with free keys',
    files: {
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  free:
    x:
    - id: a
    - id: b
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  free:
    x:
    - id: b
      v: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  free:
    x:
    - id: b
      v: 1
    - id: a
`,
  },
  {
    name: 'another schema takes the place of the embedded one',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: new
`,
  },
  {
    name: 'the embedded version said aloud',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  version: v1.21.2
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: new
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
`,
  },
  {
    name: 'another version is not there',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  version: v1.30.0
`,
    },
    error: 'the specified OpenAPI version is not built in',
  },
  {
    name: 'a version and a file are refused',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
openapi:
  version: v1.21.2
  path: s.json
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
    },
    error: 'builtin version and custom schema provided, cannot use both',
  },
  {
    name: 'a schema of a base is not heard where the overlay has one',
    files: {
      '/base/kustomization.yaml': `
resources: [res.yaml]
openapi:
  path: s.yaml
`,
      '/base/s.yaml': `
definitions:
  v1.Widget:
    type: object
    x-kubernetes-group-version-kind:
    - group: example.com
      version: v1
      kind: Widget
    properties:
      spec:
        type: object
        properties:
          parts:
            type: array
            items: {type: object}
            x-kubernetes-patch-strategy: merge
            x-kubernetes-patch-merge-key: id
`,
      '/base/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 1
    protocol: a
`,
      '/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 2
    protocol: a
`,
      '/kustomization.yaml': `
resources: [base]
openapi:
  path: s.json
patches:
- path: p.yaml
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 2
    protocol: a
  - number: 1
    protocol: a
`,
  },
  {
    name: 'a schema of a base counts for the overlay',
    files: {
      '/base/kustomization.yaml': `
resources: [res.yaml]
openapi:
  path: s.json
`,
      '/base/s.json': `
{
  "definitions": {
    "v1.Widget": {
      "type": "object",
      "x-kubernetes-group-version-kind": [
        {
          "group": "example.com",
          "version": "v1",
          "kind": "Widget"
        }
      ],
      "properties": {
        "spec": {
          "$ref": "#/definitions/v1.WidgetSpec"
        }
      }
    },
    "v1.WidgetSpec": {
      "properties": {
        "parts": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        },
        "ports": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-list-map-keys": [
            "number",
            "protocol"
          ]
        },
        "names": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "x-kubernetes-patch-strategy": "merge"
        },
        "nostrategy": {
          "type": "array",
          "items": {
            "type": "object"
          },
          "x-kubernetes-patch-merge-key": "id"
        },
        "dangling": {
          "$ref": "#/definitions/none"
        },
        "free": {
          "type": "object",
          "additionalProperties": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "id"
          }
        }
      }
    },
    "v1.Part": {
      "type": "object",
      "properties": {
        "sub": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/v1.Part"
          },
          "x-kubernetes-patch-strategy": "merge",
          "x-kubernetes-patch-merge-key": "id"
        }
      }
    }
  }
}
`,
      '/base/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 1
    protocol: a
`,
      '/p.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 2
    protocol: a
`,
      '/kustomization.yaml': `
resources: [base]
patches:
- path: p.yaml
`,
    },
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  ports:
  - number: 2
    protocol: a
  - number: 1
    protocol: a
`,
  },
  {
    name: 'a custom kind without a namespace',
    files: {
      '/s.json':
        '{"definitions":{},"paths":{"/apis/example.com/v1/widgets":{"get":{"x-kubernetes-group-version-kind":{"group":"example.com","version":"v1","kind":"Widget"}}},"/apis/example.com/v1/namespaces/{namespace}/gadgets":{"get":{"x-kubernetes-group-version-kind":{"group":"example.com","version":"v1","kind":"Gadget"}}}}}',
      '/res.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
---
apiVersion: example.com/v1
kind: Gadget
metadata:
  name: g
`,
      '/kustomization.yaml': `
resources: [res.yaml]
namespace: n
openapi:
  path: s.json
`,
    },
    error:
      'invalid Kustomization: json: cannot unmarshal bool into Go struct field Kustomization.namespace of type string',
  },
]

describe('schemas of a kustomization', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
