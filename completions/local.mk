# Completions of the command line for three shells.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_zshcompletion_DATA = completions/_ckptguard
dist_fishcompletion_DATA = completions/ckptguard.fish
EXTRA_DIST += completions/ckptguard.bash completions/commands.tsv \
	tools/completions

# bash looks for a file with the command's very name.
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) '$(srcdir)/completions/ckptguard.bash' \
		'$(DESTDIR)$(bashcompletiondir)/ckptguard'

uninstall-local:
	rm -f '$(DESTDIR)$(bashcompletiondir)/ckptguard'
