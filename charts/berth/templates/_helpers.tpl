{{/* The names, labels and settings that several templates share. */}}

{{/* Cut at 40 characters, so that a suffix still fits into the 63 of a Service's or a label's name. */}}
{{- define "berth.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "berth.certificateSecretName" -}}
{{- if eq .Values.certificates.mode "existing" -}}
{{- required "certificates.mode is existing: set certificates.existingSecret to the Secret's name" .Values.certificates.existingSecret -}}
{{- else -}}
{{- include "berth.fullname" . -}}-certificate
{{- end -}}
{{- end -}}

{{/* Whether the operator writes the caBundle: cert-manager's own injector does otherwise. */}}
{{- define "berth.keepsCaBundle" -}}
{{- if and .Values.webhook.enabled (ne .Values.certificates.mode "certManager") -}}yes{{- end -}}
{{- end -}}

{{- define "berth.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "berth.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "berth.image" -}}
{{- if .Values.image.digest -}}
{{- .Values.image.repository -}}@{{- .Values.image.digest -}}
{{- else -}}
{{- .Values.image.repository -}}:{{- default .Chart.AppVersion .Values.image.tag -}}
{{- end -}}
{{- end -}}

{{/* What a selector may use: never changes during the life of a release. */}}
{{- define "berth.selectorLabels" -}}
app.kubernetes.io/name: berth
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "berth.labels" -}}
{{ include "berth.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: berth
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What both webhooks ask about: the same objects, of which the namespace decides who asks. */}}
{{- define "berth.webhook.asked" -}}
sideEffects: None
admissionReviewVersions: [v1]
matchPolicy: Equivalent
# Main resources only: updates of status and scale never reach Berth.
rules:
  - apiGroups: [apps]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [deployments, statefulsets, daemonsets, replicasets]
    scope: Namespaced
  - apiGroups: [batch]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [jobs, cronjobs]
    scope: Namespaced
  # Where they exist.
  - apiGroups: [argoproj.io]
    apiVersions: [v1alpha1]
    operations: [CREATE, UPDATE]
    resources: [rollouts]
    scope: Namespaced
  - apiGroups: [keda.sh]
    apiVersions: [v1alpha1]
    operations: [CREATE, UPDATE]
    resources: [scaledjobs]
    scope: Namespaced
  # Those that a controller owns are left out below, inside the API server.
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [pods, replicationcontrollers]
    scope: Namespaced
{{- with .Values.webhook.objectSelector }}
objectSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
# Decided inside the API server: what isn't ours costs no request.
matchConditions:
  # Its place no longer matters.
  - name: not-being-deleted
    expression: "!has(object.metadata.deletionTimestamp)"
  # A Pod of a Deployment, a Job of a CronJob, a Deployment of another operator: the owner is what is judged.
  - name: not-owned-by-a-controller
    expression: >-
      !has(object.metadata.ownerReferences) ||
      !object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller)
  # Kubelets and the control plane's controllers read no warnings.
  - name: not-by-the-control-plane
    expression: >-
      !has(request.userInfo.groups) ||
      !request.userInfo.groups.exists(group, group in ["system:nodes", "system:serviceaccounts:kube-system"])
  # Berth judges the spec and the annotations and labels beside it; finalizers and owners change nothing.
  - name: changes-what-is-judged
    expression: >-
      request.operation != "UPDATE" ||
      object.spec != oldObject.spec ||
      object.metadata.?annotations != oldObject.metadata.?annotations ||
      object.metadata.?labels != oldObject.metadata.?labels
  {{- with .Values.webhook.matchConditions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Berth must never stand in the way of the system's own Pods or of its own. */}}
{{- define "berth.webhook.notSystem" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values:
    {{- list "kube-system" "kube-public" "kube-node-lease" .Release.Namespace | uniq | toYaml | nindent 4 }}
{{- end -}}

{{/* The namespaces that the webhook which refuses is asked about: those in Deny, unless values say otherwise. */}}
{{- define "berth.webhook.denied" -}}
{{- if .Values.webhook.deny.namespaceSelector -}}
{{- toYaml .Values.webhook.deny.namespaceSelector -}}
{{- else -}}
matchLabels:
  berth.dev/mode: Deny
{{- end -}}
{{- end -}}
