# SPDX-License-Identifier: Apache-2.0
# bash completion for ckptguard(1)

_ckptguard() {
	local cur="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}"
	local prev="${COMP_WORDS[COMP_CWORD - 1]}" words=
	compopt +o default 2>/dev/null
	COMPREPLY=()
	# "--format=x" comes as three words
	if [ "$cur" = "=" ]; then
		cur=
	elif [ "$prev" = "=" ]; then
		prev="${COMP_WORDS[COMP_CWORD - 2]}"
	fi
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="config events explain formats help metrics reload rules
		    scan status why --help --version"
	else
		case "$command:$prev" in
		help:*) words="config events explain formats metrics reload rules
		    scan status why" ;;
		config:config) words="check show suggest --help" ;;
		rules:rules) words="check explain list --help" ;;
		rules:*) [ "${COMP_WORDS[2]}" != explain ] ||
			words="$(ckptguard rules explain 2>/dev/null)" ;;
		events:--format | status:--format) words="jsonl text" ;;
		events:--verdict)
			words="clean unknown unverified suspicious malicious" ;;
		events:--user) words="$(compgen -u)" ;;
		events:--rule) words="$(ckptguard rules explain 2>/dev/null)" ;;
		events:-n | events:--lines) words="all" ;;
		events:--since | events:--until) words="now today yesterday" ;;
		explain:--format | why:--format) words="json text" ;;
		formats:--format) words="jsonl markdown text" ;;
		scan:--format) words="html jsonl sarif text" ;;
		scan:--color | scan:--progress) words="always auto never" ;;
		scan:--list) words="all auto found models" ;;
		scan:--exclude) return ;;
		scan:--profile) words="balanced strict" ;;
		scan:--fail-on)
			words="clean unknown unverified suspicious malicious" ;;
		scan:-j | scan:--jobs) return ;;
		*)
			case "$command:$cur" in
			scan:-*)
				words="-r --recursive -j --jobs= -0 --color= --deep
				    --exclude= --fail-on= --files-from= --format=
				    --isolate --list= --null --profile=
				    --progress= --report= --help" ;;
			events:-*)
				words="-f --follow -n --lines= --format= --path=
				    --rule= --since= --socket= --until= --user=
				    --verdict= --help" ;;
			explain:-* | formats:-*) words="--format= --help" ;;
			metrics:-*) words="--output= --socket= --help" ;;
			reload:-*) words="--socket= --help" ;;
			status:-* | why:-*)
				words="--format= --socket= --help" ;;
			config:-* | rules:-*) words="--help" ;;
			esac ;;
		esac
	fi
	if [ -n "$words" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		[[ "${COMPREPLY[*]}" != *= ]] || compopt -o nospace 2>/dev/null
		return
	fi
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _ckptguard ckptguard
