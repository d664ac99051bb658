// Enters the password that a link has behind `#`, and removes it from the address bar.

function enter() {
  const [, password] = /^#password=(.+)$/.exec(location.hash) ?? [];
  if (!password) return;
  history.replaceState(null, '', location.href.split('#')[0]);
  const [form] = document.forms;
  try {
    form.elements.password.value = decodeURIComponent(password);
  } catch {
    // The link is broken. The visitor may know the password.
    return;
  }
  form.requestSubmit();
}

window.addEventListener('hashchange', enter);
enter();
