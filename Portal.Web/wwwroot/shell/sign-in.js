// Demo accounts: one click fills the form in. Submitting stays with the person.
document.addEventListener('click', event => {
  const demo = event.target.closest?.('[data-demo-email]');
  if (!demo) return;
  const form = document.getElementById('sign-in-form');
  form.elements['Input.Email'].value = demo.dataset.demoEmail;
  form.elements['Input.Password'].value = demo.dataset.demoPassword;
  form.querySelector('[type=submit]').focus();
});
