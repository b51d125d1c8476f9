# PowerShell completion for capuchin
Register-ArgumentCompleter -Native -CommandName capuchin -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $line = $commandAst.Extent.Text
  $at = $cursorPosition - $commandAst.Extent.StartOffset
  if ($at -lt $line.Length) { $line = $line.Substring(0, $at) } else { $line = $line.PadRight($at) }
  # Behind a comma only what follows it is replaced.
  $word = ($line -split '\s')[-1]
  $kept = $word.Length - $wordToComplete.Length
  $split = $word.Contains(',') -and $word.EndsWith($wordToComplete)
  if (-not $split -or $word -match '["'']') { $kept = 0 }
  $before = $word.Substring(0, $kept)
  $line | capuchin complete --shell=powershell -- - 2>$null | ForEach-Object {
    $text, $about = $_ -split "`t", 2
    if ($text) {
      if ($kept -and $text.StartsWith($before)) { $text = $text.Substring($kept) }
      if (-not $about) { $about = $text }
      $result = [System.Management.Automation.CompletionResult]
      $result::new($text, $text.Trim(), 'ParameterValue', $about)
    }
  }
}
