export function submit(form) {
  form.submit();
}
