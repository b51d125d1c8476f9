# PowerShell completion for capuchin
Register-ArgumentCompleter -Native -CommandName capuchin -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $line = $commandAst.Extent.Text
  $at = $cursorPosition - $commandAst.Extent.StartOffset
  if ($at -lt $line.Length) { $line = $line.Substring(0, $at) } else { $line = $line.PadRight($at) }
  $line | capuchin complete --shell=powershell -- - 2>$null | ForEach-Object {
    $text, $about = $_ -split "`t", 2
    if ($text) {
      if (-not $about) { $about = $text }
      $result = [System.Management.Automation.CompletionResult]
      $result::new($text, $text.Trim(), 'ParameterValue', $about)
    }
  }
}
