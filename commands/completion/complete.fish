# Completes `npm run <command> -- …` of doks-systems, in its folder and those below, beside what fish knows of npm.
# For every new shell, in config.fish: cd <the project>; npm run -s completion -- fish | source

function __doks_systems_root
    set -l folder $PWD
    while test -n "$folder"; and not test -f "$folder/commands/completion/candidates.ts"
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    test -n "$folder"; and echo $folder
end

function __doks_systems_here
    set -l words (commandline -opc)
    test (count $words) -ge 2; and string match -qr '^run(-script)?$' -- $words[2]; and test -n (__doks_systems_root)
end

function __doks_systems_candidates
    set -l root (__doks_systems_root)
    $root/node_modules/.bin/node $root/commands/completion/candidates.ts (commandline -cp | string collect) 2>/dev/null
end

complete -c npm -n __doks_systems_here -a '(__doks_systems_candidates)'
