package lang

import (
	"math"
	"strings"
	"unicode"
)

// Detect names the language of a text and how sure that is, between 0 and 1; "und" and 0
// for a text without letters. The script tells most languages of the region; those in
// Latin script are told by their letter groups. priors are languages that are likely from
// elsewhere (the page, the source, the country): they break ties, above all between
// Indonesian and Malay, but do not overrule a clear text.
func Detect(text string, priors ...string) (tag string, confidence float64) {
	text = text[:cut(text, 20000)]
	switch script := Script(text); script {
	case "":
		return "und", 0
	case "Latn":
		return detectLatin(text, priors)
	default:
		return byScript(script, text, priors)
	}
}

// scriptLanguage names the language that a script stands for when nothing else is known.
var scriptLanguage = map[string]string{
	"Thai": "th", "Laoo": "lo", "Khmr": "km", "Taml": "ta", "Hang": "ko", "Hira": "ja", "Kana": "ja",
	"Telu": "te", "Mlym": "ml", "Knda": "kn", "Gujr": "gu", "Guru": "pa", "Orya": "or", "Sinh": "si", "Beng": "bn",
	"Tibt": "bo", "Cyrl": "ru", "Grek": "el", "Hebr": "he", "Armn": "hy", "Geor": "ka", "Ethi": "am",
	"Java": "jv", "Bali": "ban", "Tglg": "fil", "Cham": "cja", "Lana": "nod", "Talu": "khb",
}

func byScript(script, text string, priors []string) (string, float64) {
	switch script {
	case "Hani":
		if strings.IndexFunc(text, func(r rune) bool { s := scriptOf(r); return s == "Hira" || s == "Kana" }) >= 0 {
			return "ja", 0.95
		}
		return chinese(text, priors)
	case "Mymr":
		return burmese(text)
	case "Deva":
		return markers(text, "ne", "hi", []string{"छ", "को ", "हरू", "गर्न"}, []string{"है", "का ", "की ", "में", "और"})
	case "Arab":
		if strings.ContainsAny(text, "ڠڤݢڽ") {
			return "ms", 0.9 // Jawi
		}
		return markers(text, "fa", "ar", []string{"است", "می", "گ", "چ"}, []string{"ال", "ة", "في"})
	}
	tag, ok := scriptLanguage[script]
	if !ok {
		return "und", 0
	}
	if letters := countLetters(text); letters < 3 {
		return tag, 0.8
	}
	return tag, 0.99
}

// markers tells two languages of one script by what is frequent in only one of them.
func markers(text, a, b string, ofA, ofB []string) (string, float64) {
	count := func(list []string) (n int) {
		for _, m := range list {
			n += strings.Count(text+" ", m)
		}
		return n
	}
	na, nb := count(ofA), count(ofB)
	confidence := 0.6 + 0.35*math.Abs(float64(na-nb))/float64(max(1, na+nb))
	if na > nb {
		return a, confidence
	}
	return b, confidence
}

// Characters that are written differently in the two forms of Chinese, pairwise the same,
// from the vocabulary of law, work, family and protection and from function words.
const (
	simplifiedOnly  = "们个这来为国时会过对发后说学么于经业东两严丧丰临丽举义乌乐乔习乡书买乱争亏云亚产亩亲亿仅从仑仓仪价众优伙伞伟传伤伦伪体余佣侠侣侦侧侨侵债倾偿储儿党兰关兴养兽冈册写军农冯决况冻净减凤凭击刘则刚创删别刹剂剑剥剧劝办务动励劲劳势区医华协单卖卢卫厂厅历压厌县叁双变叙叶号叹吁听启吴员响哑唤问啬团园围图圆圣场坏块坚坛坝坟垄垒备复够头夹夺奋奖妇妈孙宁宝实宠审宪宫宽宾寻导寿将尔尘尝层属岁岂岗岛岭币师帐带帮干并广庄庆库应庙废开异弃张弥弯弹强归当录彻径忆怀态怜总恋恳恶悬惊惧惨惩惯愤愿懒战户执扩扫扬扰抚抛抢护报担拟拥择挂挡挤挥损换据掷携摄摆摇撑数敌斋断无旧旷显晋晓晕暂术机杀杂权条极构枪枫柜标栈树样桥检楼标欢欧歼残殴毁毕气汇汉汤沟没沧泪泽洁测济浏浑浓涂润涨渐渔温湾湿满滚滞灭灯灵灾炉点炼热爱爷牵犹独狱猎猪环现电画畅疗疮疯痒瘾皱盏盐监盖盗盘矫矿码砖确碍礼祸离种积称稳穷窃竞笔笼筑签简箩类粮紧纠红约级纪纯纲纳纵纷纸纹组细织终绍经结绕绘给络绝统继绩续维绿缓编缘缚缩罚罢罗职联聪肃肠肤胁胆胜脑脚脱脸节芦苏苹范荐药获虏虑虽蛮补衣袭见观规视觉览触订认讨让训议讯记讲许论设访证评诉词译试诗诚话询该详语误请诸诺读课谁调谈谋谓谢谣谨谱贝负财责败账货质贩贪贫购贯贵费贺资赋赏赔赖赚赛赞赵趋跃践踪车转轮软轻载较辅辆辈输辑边达迁过运还进远违连迟适选逊递遗邓邮邻郑酝释里鉴针钟钢钱铁铅银链销锁错锦键镇长门闭问闲间闻阅队阳阴阵阶际陆陈险随隐难雇雾静韩页项顺须顾顿预领频题颜额风飞饥饭饮饰饱馆马驱驶驻验骑骗鱼鲁鲜鸟鸡鸣鸭麦黄齐齿龙龟"
	traditionalOnly = "們個這來為國時會過對發後說學麼於經業東兩嚴喪豐臨麗舉義烏樂喬習鄉書買亂爭虧雲亞產畝親億僅從崙倉儀價眾優夥傘偉傳傷倫偽體餘傭俠侶偵側僑債傾償儲兒黨蘭關興養獸岡冊寫軍農馮決況凍淨減鳳憑擊劉則剛創刪別剎劑劍剝劇勸辦務動勵勁勞勢區醫華協單賣盧衛廠廳歷壓厭縣雙變敘葉號嘆籲聽啟吳員響啞喚問嗇團園圍圖圓聖場壞塊堅壇壩墳壟壘備復夠頭夾奪奮獎婦媽孫寧寶實寵審憲宮寬賓尋導壽將爾塵嘗層屬歲豈崗島嶺幣師帳帶幫幹並廣莊慶庫應廟廢開異棄張彌彎彈強歸當錄徹徑憶懷態憐總戀懇惡懸驚懼慘懲慣憤願懶戰戶執擴掃揚擾撫拋搶護報擔擬擁擇掛擋擠揮損換據擲攜攝擺搖撐數敵齋斷無舊曠顯晉曉暈暫術機殺雜權條極構槍楓櫃標棧樹樣橋檢樓歡歐殲殘毆毀畢氣匯漢湯溝沒滄淚澤潔測濟瀏渾濃塗潤漲漸漁溫灣濕滿滾滯滅燈靈災爐點煉熱愛爺牽猶獨獄獵豬環現電畫暢療瘡瘋癢癮皺盞鹽監蓋盜盤矯礦碼磚確礙禮禍離種積稱穩窮竊競筆籠築簽簡籮類糧緊糾紅約級紀純綱納縱紛紙紋組細織終紹結繞繪給絡絕統繼績續維綠緩編緣縛縮罰罷羅職聯聰肅腸膚脅膽勝腦腳脫臉節蘆蘇蘋範薦藥獲虜慮雖蠻補襲見觀規視覺覽觸訂認討讓訓議訊記講許論設訪證評訴詞譯試詩誠話詢該詳語誤請諸諾讀課誰調談謀謂謝謠謹譜貝負財責敗賬貨質販貪貧購貫貴費賀資賦賞賠賴賺賽贊趙趨躍踐蹤車轉輪軟輕載較輔輛輩輸輯邊達遷運還進遠違連遲適選遜遞遺鄧郵鄰鄭醞釋裡鑒針鐘鋼錢鐵鉛銀鏈銷鎖錯錦鍵鎮長門閉閒間聞閱隊陽陰陣階際陸陳險隨隱難僱霧靜韓頁項順須顧頓預領頻題顏額風飛飢飯飲飾飽館馬驅駛駐驗騎騙魚魯鮮鳥雞鳴鴨麥黃齊齒龍龜"
)

// oneForm says of a character that only one of the two forms has it: 's' or 't'.
var oneForm = func() map[rune]byte {
	forms := map[rune]byte{}
	for _, r := range simplifiedOnly {
		forms[r] = 's'
	}
	for _, r := range traditionalOnly {
		if forms[r] == 's' {
			delete(forms, r) // in both lists: says nothing
		} else {
			forms[r] = 't'
		}
	}
	return forms
}()

func chinese(text string, priors []string) (string, float64) {
	hans, hant := 0, 0
	for _, r := range text[:cut(text, 3000)] {
		switch oneForm[r] {
		case 's':
			hans++
		case 't':
			hant++
		}
	}
	switch {
	case hant > hans:
		return "zh-Hant", 0.7 + 0.29*float64(hant-hans)/float64(hant+hans)
	case hans > hant:
		return "zh-Hans", 0.7 + 0.29*float64(hans-hant)/float64(hant+hans)
	}
	for _, p := range priors {
		if strings.HasPrefix(p, "zh-") || p == "ja" {
			return p, 0.7
		}
	}
	return "zh-Hans", 0.6 // nothing tells: the more common form in the region
}

// burmese tells the languages in Myanmar script by the letters that only they use. Zawgyi
// uses the same code points for shapes of Burmese letters, so it is ruled out first.
func burmese(text string) (string, float64) {
	if p, ok := Zawgyi(text); ok && p > ZawgyiThreshold {
		return "my", 0.95
	}
	var all, shan, mon, karen int
	for _, r := range text {
		if scriptOf(r) != "Mymr" {
			continue
		}
		all++
		switch {
		case 0x1075 <= r && r <= 0x108D, r == 0x1022, r == 0x108F, r == 0x109E, r == 0x109F:
			shan++
		case r == 0x1028, r == 0x1033, r == 0x1034, 0x105A <= r && r <= 0x1060:
			mon++
		case 0x1061 <= r && r <= 0x1064:
			karen++
		}
	}
	switch {
	case shan*5 > all:
		return "shn", 0.95
	case mon*25 > all:
		return "mnw", 0.9
	case karen*12 > all:
		return "ksw", 0.9
	case all < 3:
		return "my", 0.7
	}
	return "my", 0.98
}

func countLetters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// Weights of the decision between languages in Latin script, set on titles.
const (
	overlap    = 3.0 // letter groups overlap: each counts for a third of independent evidence
	priorBonus = 1.5 // nats for a language that is expected
	malayBonus = 5.0 // the same between Indonesian and Malay, which share most words
	// Filipino and Cebuano share words, and ministries write in the first.
	nationalBonus = 1.5
	caution       = 2.0 // confidence is that of a text half as long
)

// detectLatin weighs letter groups.
func detectLatin(text string, priors []string) (string, float64) {
	m := loadNgrams()
	var room [mostLanguages]float64
	scores, known := m.appendScores(room[:0], text)
	for i := range scores {
		scores[i] /= overlap
	}
	m.tell(scores, text)
	best, malay := 0, -1
	for i, tag := range m.Languages {
		if tag == "fil" {
			scores[i] += nationalBonus
		}
		for _, p := range priors {
			if p == tag {
				scores[i] += priorBonus
				if tag == "id" || tag == "ms" {
					malay = i
				}
				break
			}
		}
		if scores[i] > scores[best] {
			best = i
		}
	}
	if b := m.Languages[best]; malay >= 0 && malay != best && (b == "id" || b == "ms") && scores[malay]+malayBonus > scores[best] {
		scores[malay] += malayBonus
		best = malay
	}
	if known < 3 {
		if len(priors) > 0 {
			return priors[0], 0.3
		}
		return "und", 0
	}
	sum := 0.0
	for _, s := range scores {
		sum += math.Exp((s - scores[best]) / caution)
	}
	return m.Languages[best], math.Round(min(0.99, 1/sum)*100) / 100
}
