// Classic script in the language of 2009: on a browser too old for the page's
// modules they never say "up", and after eight seconds a plain page is shown
// instead. It catches engines, too, that know modules but not what is in them.
(function () {
  var script = document.currentScript || document.querySelector('script[data-to]');
  var to = script && script.getAttribute('data-to');
  if (!to) return;
  setTimeout(function () {
    if (document.documentElement.getAttribute('data-up') !== '1') {
      location.replace(to + location.search);
    }
  }, 8000);
})();
