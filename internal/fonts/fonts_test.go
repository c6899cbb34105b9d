package fonts_test

import (
	"strings"
	"testing"

	"github.com/go-text/typesetting/font"

	"motcua/internal/fonts"
)

// vietnamese are the letters beyond ASCII, composed.
const vietnamese = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

// Ede, Jrai, Bahnar and Cham need letters that Vietnamese has not, and marks
// for those that have no composed form.
const others = "ĕĭŏŭƀʔʼ\u0306\u0331\u0303\u0301\u0300\u0309\u0323–…“”·₫"

func TestGlyphs(t *testing.T) {
	for name, file := range map[string]string{"regular": fonts.Regular(), "bold": fonts.Bold()} {
		f, err := font.ParseTTF(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range vietnamese + strings.ToUpper(vietnamese) + others + "0123456789" {
			if g, ok := f.NominalGlyph(r); !ok || g == 0 {
				t.Errorf("%s has no %q (%U)", name, r, r)
			}
		}
	}
}
