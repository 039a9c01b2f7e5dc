{{/* The image of the short-lived pods that guard and patch, as a YAML string. */}}
{{- define "hybridc.image" -}}
{{ .Values.jobImage | quote }}
{{- end -}}
