# SPDX-License-Identifier: Apache-2.0
# bash completion for ckptguard(1); made by tools/completions.

_ckptguard() {
	local cur="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}"
	local prev="${COMP_WORDS[COMP_CWORD - 1]}" words= files= n=2
	local first="${COMP_WORDS[2]}"
	compopt +o default 2>/dev/null
	COMPREPLY=()
	# "--format=x" comes as three words
	if [ "$cur" = "=" ]; then
		cur=
	elif [ "$prev" = "=" ]; then
		prev="${COMP_WORDS[COMP_CWORD - 2]}"
	fi
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="allow config deny events explain formats help metrics notify quarantine release reload rules scan status watch why --help --version"
	else
		case "$command:$prev" in
		help:*) words="allow config deny events explain formats metrics notify quarantine release reload rules scan status watch why" ;;
		allow:--socket) files=file ;;
		deny:--socket) files=file ;;
		events:--lines | events:-n) return ;;
		events:--format) words="text jsonl" ;;
		events:--path) files=file ;;
		events:--rule) words="$(ckptguard rules explain 2>/dev/null)" ;;
		events:--since) words="now today yesterday" ;;
		events:--socket) files=file ;;
		events:--until) words="now today yesterday" ;;
		events:--user) return ;;
		events:--verdict) words="clean unknown unverified suspicious malicious" ;;
		explain:--format) words="text json" ;;
		formats:--format) words="text jsonl markdown" ;;
		metrics:--output) files=file ;;
		metrics:--socket) files=file ;;
		notify:--socket) files=file ;;
		quarantine:--format) words="text jsonl" ;;
		quarantine:--socket) files=file ;;
		quarantine:--to) files=file ;;
		release:--socket) files=file ;;
		reload:--socket) files=file ;;
		scan:--jobs | scan:-j) return ;;
		scan:--color) words="auto always never" ;;
		scan:--exclude) return ;;
		scan:--fail-on) words="clean unknown unverified suspicious malicious" ;;
		scan:--files-from) files=file ;;
		scan:--format) words="text jsonl sarif html" ;;
		scan:--list) words="all models found auto" ;;
		scan:--profile) words="balanced strict" ;;
		scan:--progress) words="auto always never" ;;
		scan:--report) files=file ;;
		status:--format) words="text jsonl" ;;
		status:--socket) files=file ;;
		watch:--jobs | watch:-j) return ;;
		watch:--color) words="auto always never" ;;
		watch:--exclude) return ;;
		watch:--fail-on) words="clean unknown unverified suspicious malicious" ;;
		watch:--format) words="text jsonl" ;;
		watch:--list) words="all models found" ;;
		watch:--profile) words="balanced strict" ;;
		watch:--quarantine) files=dir ;;
		watch:--restore) return ;;
		why:--format) words="text json" ;;
		why:--socket) files=file ;;
		*)
			case "$command:$cur" in
			allow:-*) words="--forget --list --quarantined --socket= --help" ;;
			config:-*) words="--help" ;;
			deny:-*) words="--forget --list --quarantined --socket= --help" ;;
			events:-*) words="-f --follow -n --lines= --format= --path= --rule= --since= --socket= --until= --user= --verdict= --help" ;;
			explain:-*) words="--format= --help" ;;
			formats:-*) words="--format= --help" ;;
			metrics:-*) words="--output= --socket= --help" ;;
			notify:-*) words="--all --print --socket= --help" ;;
			quarantine:-*) words="--format= --keep-denied --socket= --to= --help" ;;
			release:-*) words="--socket= --help" ;;
			reload:-*) words="--socket= --help" ;;
			rules:-*) words="--help" ;;
			scan:-*) words="-r --recursive -j --jobs= -0 --null --color= --deep --exclude= --fail-on= --files-from= --format= --isolate --list= --profile= --progress= --report= --help" ;;
			status:-*) words="--format= --socket= --help" ;;
			watch:-*) words="-j --jobs= --color= --deep --exclude= --fail-on= --format= --list= --new --once --profile= --quarantine= --quarantined --restore= --help" ;;
			why:-*) words="--format= --socket= --help" ;;
			*)
				[ "$COMP_CWORD" -ne "$n" ] || first=
				case "$command:$COMP_CWORD:$first" in
				allow:*) files=file ;;
				config:"$n":) words="check show suggest --help" ;;
				config:*) files=file ;;
				deny:*) files=file ;;
				events:*) return ;;
				explain:*) files=file ;;
				formats:*) return ;;
				metrics:*) return ;;
				notify:*) return ;;
				quarantine:"$n":) words="list show restore delete export --help" ;;
				quarantine:*) return ;;
				release:*) files=file ;;
				reload:*) return ;;
				rules:"$n":) words="check explain list --help" ;;
				rules:*:explain) words="$(ckptguard rules explain 2>/dev/null)" ;;
				rules:*) files=file ;;
				scan:*) files=file ;;
				status:*) return ;;
				watch:*) files=dir ;;
				why:*) files=file ;;
				esac ;;
			esac ;;
		esac
	fi
	if [ -n "$words" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		[[ "${COMPREPLY[*]}" != *= ]] || compopt -o nospace 2>/dev/null
		return
	fi
	compopt -o filenames 2>/dev/null
	if [ "$files" = dir ]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -F _ckptguard ckptguard
