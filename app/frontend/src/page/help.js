/** Show the overlay of keys (rendered by the server as a closed dialog). */
export function openHelp(document) {
  const dialog = document.getElementById('keys-help');
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  return true;
}
