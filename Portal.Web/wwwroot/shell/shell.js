// Light or dark: the system's preference until the person chooses otherwise, which this browser remembers.
// Loaded in the head before anything is painted; the style sheets depend on data-theme alone.
(() => {
  const key = 'portal-theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const stored = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const apply = () => { document.documentElement.dataset.theme = stored() ?? (system.matches ? 'dark' : 'light'); };

  apply();
  system.addEventListener('change', apply);
  addEventListener('storage', apply);
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-theme-toggle]')) return;
    const wanted = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      // Back at what the system prefers, the portal follows the system again.
      if (wanted === (system.matches ? 'dark' : 'light')) localStorage.removeItem(key);
      else localStorage.setItem(key, wanted);
    } catch { /* Storage is blocked: the choice holds until the next page. */ }
    document.documentElement.dataset.theme = wanted;
  });
})();

// The link past the navigation: Blazor takes links within a page for itself and scrolls, but leaves the focus behind.
document.addEventListener('click', event => {
  const content = event.target.closest?.('.skip-link') && document.getElementById('content');
  if (!content) return;
  event.preventDefault();
  content.focus();
}, true);
