# SPDX-License-Identifier: Apache-2.0
# fish completion for ckptguard(1)

set -l commands config explain formats help rules scan
set -l first "not __fish_seen_subcommand_from $commands"
set -l scan "__fish_seen_subcommand_from scan"
set -l explain "__fish_seen_subcommand_from explain"
set -l formats "__fish_seen_subcommand_from formats"
set -l rules "__fish_seen_subcommand_from rules"
set -l config "__fish_seen_subcommand_from config"
set -l help "__fish_seen_subcommand_from help"

complete -c ckptguard -n "$first" -f -a config -d "Check, show or suggest a configuration"
complete -c ckptguard -n "$first" -f -a explain -d "All that loading one file would do"
complete -c ckptguard -n "$first" -f -a formats -d "List the formats, and what is judged in each"
complete -c ckptguard -n "$first" -f -a help -d "What a command does and its options"
complete -c ckptguard -n "$first" -f -a rules -d "Explain, list or check rules and import policies"
complete -c ckptguard -n "$first" -f -a scan -d "Say what model files would do"
complete -c ckptguard -n "$first" -l version -d "Which version this is"
complete -c ckptguard -l help -d "What it does and its options"

complete -c ckptguard -n "$scan" -s r -l recursive -d "No effect: directories always recurse"
complete -c ckptguard -n "$scan" -s j -l jobs -x -d "Scan so many files at once"
complete -c ckptguard -n "$scan" -l deep -d "Look at everything, tensor data included"
complete -c ckptguard -n "$scan" -l fail-on -x -a "clean unknown unverified suspicious malicious" -d "What counts as found"
complete -c ckptguard -n "$scan" -l files-from -r -d "Read names from a file"
complete -c ckptguard -n "$scan" -l format -x -a "text jsonl sarif" -d "How to print"
complete -c ckptguard -n "$scan" -l isolate -d "A process of its own for each file"
complete -c ckptguard -n "$scan" -l null -d "Names in the file end with a NUL"
complete -c ckptguard -n "$scan" -l profile -x -a "balanced strict" -d "Count what the guard would deny"

complete -c ckptguard -n "$explain" -l format -x -a "text json" -d "How to print"
complete -c ckptguard -n "$formats" -l format -x -a "text jsonl markdown" -d "How to print"
complete -c ckptguard -n "$rules; and not __fish_seen_subcommand_from check explain list" -f -a "check explain list"
complete -c ckptguard -n "$rules; and __fish_seen_subcommand_from explain" -f -a "(ckptguard rules explain 2>/dev/null)"
complete -c ckptguard -n "$config; and not __fish_seen_subcommand_from check show suggest" -f -a "check show suggest"
complete -c ckptguard -n "$help" -f -a "config explain formats rules scan"
