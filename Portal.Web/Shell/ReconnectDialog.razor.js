const dialog = document.getElementById('components-reconnect-modal');

dialog.addEventListener('components-reconnect-state-changed', ({ detail: { state } }) => {
  if (state === 'show' || state === 'paused') open();
  else if (state === 'hide') dialog.close();
  else if (state === 'failed') document.addEventListener('visibilitychange', retryWhenVisible);
  else if (state === 'rejected') location.reload();
});

// Escape would leave a page that looks alive and is not.
dialog.addEventListener('cancel', event => event.preventDefault());
document.getElementById('components-reconnect-button').addEventListener('click', retry);
document.getElementById('components-resume-button').addEventListener('click', resume);
document.getElementById('reconnect-reload-button').addEventListener('click', () => location.reload());

function open() {
  if (!dialog.open) dialog.showModal();
}

async function retry() {
  document.removeEventListener('visibilitychange', retryWhenVisible);
  try {
    // False: the server answers but no longer has this page. Then it may still have its saved state.
    if (await Blazor.reconnect() || await Blazor.resumeCircuit()) dialog.close();
    else location.reload();
  } catch {
    document.addEventListener('visibilitychange', retryWhenVisible);
  }
}

async function resume() {
  try {
    if (!await Blazor.resumeCircuit()) location.reload();
  } catch {
    dialog.classList.replace('components-reconnect-paused', 'components-reconnect-resume-failed');
  }
}

function retryWhenVisible() {
  if (document.visibilityState === 'visible') retry();
}
