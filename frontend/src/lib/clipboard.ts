/** Copy text, on plain http as well, where browsers refuse the clipboard's own interface. */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext && "clipboard" in navigator) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // refused: the old way is tried
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  // There is no other way on plain http.
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
