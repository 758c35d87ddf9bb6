/** Parts of Monaco that are loaded only to be there (load-monaco.ts): nothing is taken from them. */
declare module 'monaco-editor/platform/contextkey/browser/contextKeyService.js'
declare module 'monaco-editor/editor/common/model/textModel.js'
declare module 'monaco-editor/editor/browser/view.js'
declare module 'monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget.js'
declare module 'monaco-editor/editor/browser/widget/diffEditor/diffEditorWidget.js'
declare module 'monaco-editor/editor/standalone/browser/standaloneServices.js'
