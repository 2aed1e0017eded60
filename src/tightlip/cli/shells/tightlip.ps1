# Completes tightlip in PowerShell. To try it: tightlip completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName tightlip -ScriptBlock {
    param($current, $ast, $cursor)
    $before = @($ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursor })
    $words = @($before | ForEach-Object { "--word=$_" }) + "--word=$current"
    $first, $rest = @(& $ast.CommandElements[0].Extent.Text completion @words 2>$null)
    if (-not $first) { return }
    $kind, $start = $first -split ':', 2
    if ($kind -ne 'words') {
        $path = $current.Substring($start.Length)
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($path) |
            Where-Object { $kind -eq 'files' -or $_.ResultType -eq 'ProviderContainer' } |
            ForEach-Object {
                [System.Management.Automation.CompletionResult]::new(
                    $start + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
            }
        return
    }
    foreach ($line in $rest) {
        $word, $told = $line -split "`t", 2
        if (-not $told) { $told = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $told)
    }
}
