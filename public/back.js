// A page that comes back out of the browser's memory is as old as when it was left: the bag and the
// pieces may have changed since, and what was said once would be said again. It is asked for anew.
addEventListener("pageshow", function (event) {
  if (event.persisted) location.reload();
});
